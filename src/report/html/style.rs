//! The style sheet of a page: colours for light and dark ground, and how the drawings' attributes map to them.

use crate::report::outline::Ink;
use crate::report::svg::{ON_DARK, ON_LIGHT};

const SHEET: &str = include_str!("../../../assets/page/page.css");
/// … of what stands beside each other, and of what unfolds.
const GRIDS: &str = include_str!("../../../assets/page/grids.css");
/// Text on what is light on a dark page.
const ON_DARK_AT_NIGHT: u32 = 0x0f_1114;

/// All of it; `library` is that of the library that draws timelines.
pub fn sheet(library: &str) -> String {
    let colours = |of: fn((&str, u32, u32)) -> u32| -> String {
        Ink::ALL
            .iter()
            .map(|ink| format!("--{}:{};", ink.token().0, hex(of(ink.token())).to_lowercase()))
            .collect()
    };
    let (light, dark) = (colours(|token| token.1), colours(|token| token.2));
    let mapped: String = Ink::ALL.iter().map(|&ink| mapping(ink)).collect();
    let on_dark = hex(ON_DARK);
    let night = hex(ON_DARK_AT_NIGHT);
    // Dark ground is for screens: paper is light.
    format!(
        ":root{{{light}--on-dark:{on_dark};--on-light:{on_light}}}\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}--on-dark:{night}}}}}\
         {SHEET}{GRIDS}{mapped}svg [fill=\"{on_dark}\"]{{fill:var(--on-dark)}}{library}",
        on_light = hex(ON_LIGHT),
    )
}

fn mapping(ink: Ink) -> String {
    let (name, light, _) = ink.token();
    let (colour, hatched) = (hex(light), hex(light ^ 1));
    format!(
        "svg [fill=\"{colour}\"]{{fill:var(--{name})}}svg [stroke=\"{colour}\"]{{stroke:var(--{name})}}\
         svg [fill=\"{hatched}\"]{{fill:url(#h-{name})}}"
    )
}

/// Hatching of each colour, to which the style sheet maps.
pub fn patterns() -> String {
    let one = |ink: &Ink| {
        let (name, light, _) = ink.token();
        let colour = hex(light);
        format!(
            "<pattern id=\"h-{name}\" width=\"24\" height=\"24\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"24\" height=\"24\" fill=\"{colour}\" opacity=\"0.3\"/>\
             <rect width=\"10\" height=\"24\" fill=\"{colour}\"/></pattern>"
        )
    };
    let all: String = Ink::ALL.iter().map(one).collect();
    format!("<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>{all}</defs></svg>")
}

/// `#D29100`, as plotters writes it.
fn hex(rgb: u32) -> String {
    format!("#{rgb:06X}")
}
