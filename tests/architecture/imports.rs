//! Which file of `src` imports which: paths of its code, resolved to the file that defines what they name.
//!
//! A re-export is looked through: whoever takes a name through a parent's `pub use` imports the file that defines it. A
//! parent is therefore no file of a cycle for what it only declares (`mod`) and re-exports; what its own code takes from
//! a child is an import as any other, and so is what a child takes from its parent's own code.

use std::collections::{BTreeMap, BTreeSet};

/// Files, and what each imports of the others with the names that it takes.
pub(crate) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The imports among `files`: paths below `src` with their text.
pub(crate) fn imports(files: &[(&str, &str)]) -> Imports {
    let modules: BTreeMap<Path, Module> =
        files.iter().map(|(file, text)| (module_path(file), Module::read(file, text))).collect();
    let house = House { modules };
    let of = |(path, module): (&Path, &Module)| (module.file.clone(), house.imports_of(path, module));
    house.modules.iter().map(of).collect()
}

/// The rooms that `text` names: what follows `crate::` in it.
pub(crate) fn used_rooms(text: &str) -> BTreeSet<String> {
    let module = Module::read("lib.rs", text);
    let paths = module.uses.iter().map(|used| &used.path).chain(&module.paths);
    let after_crate = |path: &Path| (path[0] == "crate").then(|| path.get(1).cloned()).flatten();
    paths.filter_map(after_crate).collect()
}

/// Groups of files that import each other in a circle.
pub(crate) fn cycles(imports: &Imports) -> Vec<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reached_from(file, imports))).collect();
    let mut cycles: Vec<Vec<&str>> = Vec::new();
    for (&file, others) in &reached {
        let is_new = !cycles.iter().flatten().any(|known| *known == file);
        if is_new && others.contains(file) {
            cycles.push(others.iter().copied().filter(|other| reached[other].contains(file)).collect());
        }
    }
    cycles
}

/// The imports within a cycle, one a line: `a.rs → b.rs: Name`.
pub(crate) fn describe(cycle: &[&str], imports: &Imports) -> String {
    let mut lines = Vec::new();
    for file in cycle {
        for (other, names) in imports[*file].iter().filter(|(other, _)| cycle.contains(&other.as_str())) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            lines.push(format!("  {file} → {other}: {}", names.join(", ")));
        }
    }
    lines.join("\n")
}

fn reached_from<'i>(file: &'i str, imports: &'i Imports) -> BTreeSet<&'i str> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![file]);
    while let Some(file) = ahead.pop() {
        let others = imports[file].keys().map(String::as_str);
        ahead.extend(others.filter(|other| reached.insert(*other)));
    }
    reached
}

type Path = Vec<String>;

/// `run/decode.rs` and `run/decode/mod.rs` → `run`, `decode`; the two roots are apart.
fn module_path(file: &str) -> Path {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// One name that a `use` brings in.
struct Use {
    path: Path,
    /// `*` for all.
    name: String,
    is_public: bool,
}

/// What the code of a file says, without its tests.
struct Module {
    file: String,
    uses: Vec<Use>,
    /// Of two words or more, as they stand in the code.
    paths: Vec<Path>,
    /// All words outside of `use`.
    words: BTreeSet<String>,
}

struct House {
    modules: BTreeMap<Path, Module>,
}

impl House {
    fn imports_of(&self, at: &Path, module: &Module) -> BTreeMap<String, BTreeSet<String>> {
        let is_own = |used: &&Use| !used.is_public || module.words.contains(&used.name);
        let used = module.uses.iter().filter(is_own).map(|used| &used.path);
        let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in used.chain(&module.paths) {
            if let Some((file, name)) = self.defined(at, path)
                && file != module.file
            {
                imports.entry(file).or_default().insert(name);
            }
        }
        imports
    }

    /// The file that defines what `path` names in the module `at`, and the name; `None` for a module and for what is not
    /// of this house.
    fn defined(&self, at: &Path, path: &[String]) -> Option<(String, String)> {
        match self.follow(at, path, &mut BTreeSet::new())? {
            Found::Item(file, name) => Some((file, name)),
            Found::Module(_) => None,
        }
    }

    fn follow(&self, at: &Path, path: &[String], seen: &mut BTreeSet<(Path, String)>) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let found = match first.as_str() {
            "crate" | "cmo_metrics" => Found::Module(Vec::new()),
            "self" => Found::Module(at.clone()),
            "super" => Found::Module(at[..at.len().checked_sub(1)?].to_vec()),
            name => self.named(at, name, false, seen)?,
        };
        self.walk(found, rest, seen)
    }

    fn walk(&self, found: Found, rest: &[String], seen: &mut BTreeSet<(Path, String)>) -> Option<Found> {
        let (Found::Module(at), Some((first, rest))) = (&found, rest.split_first()) else {
            return Some(found);
        };
        let next = match first.as_str() {
            "self" => Found::Module(at.clone()),
            "super" => Found::Module(at[..at.len().checked_sub(1)?].to_vec()),
            name => self.named(at, name, true, seen)?,
        };
        self.walk(next, rest, seen)
    }

    /// What `name` is in the module `at`: a child, what a `use` brings in, or else, where it `must_be` there, its own.
    fn named(
        &self,
        at: &Path,
        name: &str,
        must_be: bool,
        seen: &mut BTreeSet<(Path, String)>,
    ) -> Option<Found> {
        let child: Path = at.iter().cloned().chain([name.to_owned()]).collect();
        if self.modules.contains_key(&child) {
            return Some(Found::Module(child));
        }
        let module = self.modules.get(at)?;
        let used = module.uses.iter().find(|used| used.name == name);
        if let Some(used) = used
            && seen.insert((at.clone(), name.to_owned()))
        {
            return self.follow(at, &used.path, seen);
        }
        must_be.then(|| Found::Item(module.file.clone(), name.to_owned()))
    }
}

enum Found {
    Module(Path),
    /// The file that defines it, and its name.
    Item(String, String),
}

impl Module {
    fn read(file: &str, text: &str) -> Self {
        let words = without_tests(words_of(text));
        let mut module =
            Self { file: file.to_owned(), uses: Vec::new(), paths: Vec::new(), words: BTreeSet::new() };
        let mut at = 0;
        while at < words.len() {
            // `use<…>` is of a type, and imports nothing.
            if words[at] == "use" && words.get(at + 1).is_none_or(|next| next != "<") {
                let is_public = at > 0 && (words[at - 1] == "pub" || words[at - 1] == ")");
                at = module.read_use(&words, at + 1, &[], is_public);
            } else if words[at] == "mod" {
                at += 2;
            } else if is_name(&words[at]) {
                at = module.read_path(&words, at);
            } else {
                at += 1;
            }
        }
        module
    }

    /// Reads one branch of a `use` that begins at `at`; returns where it ends.
    fn read_use(&mut self, words: &[String], mut at: usize, before: &[String], is_public: bool) -> usize {
        let mut path = before.to_vec();
        loop {
            match words[at].as_str() {
                "::" => at += 1,
                "{" => {
                    at += 1;
                    while words[at] != "}" {
                        at = self.read_use(words, at, &path, is_public);
                        at += usize::from(words[at] == ",");
                    }
                    return at + 1;
                }
                "," | "}" | ";" => {
                    self.add_use(path, None, is_public);
                    return at;
                }
                "as" => {
                    self.add_use(path, Some(words[at + 1].clone()), is_public);
                    return at + 2;
                }
                word => {
                    path.push(word.to_owned());
                    at += 1;
                }
            }
        }
    }

    fn add_use(&mut self, mut path: Path, name: Option<String>, is_public: bool) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(last) = path.last() {
            self.uses.push(Use { name: name.unwrap_or_else(|| last.clone()), path, is_public });
        }
    }

    /// Reads `a::b::c`; returns where it ends.
    fn read_path(&mut self, words: &[String], mut at: usize) -> usize {
        let mut path = vec![words[at].clone()];
        while words.get(at + 1).is_some_and(|word| word == "::")
            && words.get(at + 2).is_some_and(|word| is_name(word))
        {
            path.push(words[at + 2].clone());
            at += 2;
        }
        self.words.insert(path[0].clone());
        if path.len() > 1 {
            self.paths.push(path);
        }
        at + 1
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Names, `::` and single signs, without comments, texts and letters.
fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = length_of_word(first, rest);
        let word = &rest[..length];
        rest = &rest[length..];
        if is_name(word) || word == "::" || (word.len() == 1 && !first.is_whitespace()) {
            words.push(word.to_owned());
        }
    }
    words
}

fn length_of_word(first: char, rest: &str) -> usize {
    let up_to = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let name = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
    match first {
        '/' if rest.starts_with("//") => up_to("\n"),
        'r' if rest.starts_with("r#\"") => up_to("\"#"),
        '"' => length_of_text(rest),
        // A letter, or else the name of a lifetime.
        '\'' if rest.starts_with("'\\") => 2 + rest[3..].find('\'').map_or(0, |at| at + 2),
        '\'' => match rest.char_indices().nth(2) {
            Some((end, '\'')) => end + 1,
            _ => 1 + rest[1..].find(|letter| !is_of_name(letter)).unwrap_or(rest.len() - 1),
        },
        ':' if rest.starts_with("::") => 2,
        _ if is_of_name(first) => name,
        _ => first.len_utf8(),
    }
}

fn length_of_text(rest: &str) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Drops each item that stands behind `#[cfg(test)]`.
fn without_tests(words: Vec<String>) -> Vec<String> {
    const CFG_TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at..].iter().take(CFG_TEST.len()).eq(CFG_TEST.iter()) {
            at = end_of_item(&words, at + CFG_TEST.len());
        } else {
            kept.push(words[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the `;` or the closing brace of the item that begins at `at`.
fn end_of_item(words: &[String], mut at: usize) -> usize {
    let mut depth = 0;
    while at < words.len() {
        match words[at].as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        let is_end = depth == 0 && matches!(words[at].as_str(), ";" | "}");
        at += 1;
        // The list of a `use` ends before its semicolon.
        if is_end && words.get(at).is_none_or(|next| next != ";") {
            break;
        }
    }
    at
}

#[test]
fn names_are_followed_to_the_file_that_defines_them() {
    let files = [
        ("lib.rs", "pub mod a; pub mod b;"),
        ("a/mod.rs", "mod one; mod two; pub use one::{One, f}; pub use two::Two;\nstruct Own;"),
        ("a/one.rs", "pub struct One; fn f() { super::Own; super::two::g::<u8>(\"crate::b::B\") }"),
        (
            "a/two.rs",
            "use super::One; // crate::b::B\n#[cfg(test)]\nuse crate::b::{B, C};\npub struct Two<'a>(&'a str);",
        ),
        (
            "b.rs",
            "use crate::a::{self, Two as Second};\nfn h() { a::f('x', '\\'', Second::new()) }\n#[cfg(test)]\nmod tests { use crate::c::C; }",
        ),
        ("main.rs", "fn main() { cmo_metrics::b::h() }"),
    ];
    let imports = imports(&files);
    let of = |file: &str| imports[file].keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("lib.rs"), [""; 0]);
    assert_eq!(of("a/mod.rs"), [""; 0]);
    assert_eq!(of("a/one.rs"), ["a/mod.rs", "a/two.rs"]);
    assert_eq!(of("a/two.rs"), ["a/one.rs"]);
    assert_eq!(of("b.rs"), ["a/one.rs", "a/two.rs"]);
    assert_eq!(of("main.rs"), ["b.rs"]);
    assert_eq!(cycles(&imports), [["a/one.rs", "a/two.rs"]]);
    let told = describe(&["a/one.rs", "a/two.rs"], &imports);
    assert_eq!(told, "  a/one.rs → a/two.rs: g\n  a/two.rs → a/one.rs: One");
}

#[test]
fn what_a_parent_does_with_what_it_hands_on_is_an_import() {
    let files = [
        ("a.rs", "mod b; pub use b::B; pub fn f() -> B { B }"),
        ("a/b.rs", "pub struct B; fn g() { super::f() }"),
    ];
    assert_eq!(cycles(&imports(&files)), [["a.rs", "a/b.rs"]]);
    assert_eq!(
        used_rooms("use crate::{run::{Batch, Lexicon}, stats::sum};\nlet x = crate::config::Config;"),
        ["config", "run", "stats"].map(str::to_owned).into()
    );
}
