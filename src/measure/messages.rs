//! What failed calls said: each text once, in bounded memory whatever they say.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::span::WindowSpan;
pub use crate::contract::OTHER;
use crate::summary::without_ids;

/// A text is cut behind so many characters: enough to tell causes apart, and a page of HTML costs no more than a line.
const MOST_CHARACTERS: usize = 300;
/// Different texts of one component that are kept apart. Of more, ids and times are no part of the text any more, and where that does not help either, all of the component are one.
const MOST_TEXTS: usize = 1_000;
/// What the failed calls of each component said, and when.
#[derive(Debug, Default)]
pub struct MessageLog {
    of_components: FxHashMap<u32, Said>,
}

#[derive(Debug, Default)]
struct Said {
    texts: Texts,
    /// By outcome and operation: start, µs since 1970, and index of the text.
    at: FxHashMap<(u32, u32), Vec<(i64, u32)>>,
}

/// One text of a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message<'a> {
    pub start_us: i64,
    pub text: &'a str,
}

impl MessageLog {
    /// An empty text says nothing.
    pub fn add(&mut self, component: u32, (outcome, operation): (u32, u32), start_us: i64, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.of_components.entry(component).or_default().add((outcome, operation), start_us, &cut(text));
        }
    }

    pub fn merge(&mut self, other: MessageLog) {
        for (component, said) in other.of_components {
            self.of_components.entry(component).or_default().merge(said);
        }
    }

    /// The texts of a component's failures with this outcome and operation in `span`, by time, then in alphabetical order.
    pub fn of<'a>(
        &'a self,
        component: u32,
        outcome_and_operation: (u32, u32),
        span: Option<&WindowSpan>,
    ) -> Vec<Message<'a>> {
        let said = self.of_components.get(&component);
        let at = said.and_then(|said| Some((said, said.at.get(&outcome_and_operation)?)));
        let messages = at.into_iter().flat_map(|(said, at)| {
            let inside = at.iter().filter(|(start_us, _)| span.is_none_or(|span| span.holds(*start_us)));
            inside.map(|&(start_us, index)| Message { start_us, text: said.texts.text(index) })
        });
        let mut messages: Vec<Message<'a>> = messages.collect();
        messages.sort_unstable();
        messages
    }

    /// The earliest text in `span` with this outcome; ties go to the first in alphabetical order.
    pub fn earliest(&self, component: u32, outcome: u32, span: Option<&WindowSpan>) -> Option<&str> {
        let said = self.of_components.get(&component)?;
        let of_outcome = said.at.iter().filter(|((word, _), _)| *word == outcome).flat_map(|(_, at)| at);
        let inside = of_outcome.filter(|(start_us, _)| span.is_none_or(|span| span.holds(*start_us)));
        inside.map(|&(start_us, index)| (start_us, said.texts.text(index))).min().map(|(_, text)| text)
    }
}

impl Said {
    fn add(&mut self, key: (u32, u32), start_us: i64, text: &str) {
        let index = self.index(text);
        self.at.entry(key).or_default().push((start_us, index));
    }

    fn merge(&mut self, other: Said) {
        // First all texts, since each may make those before it coarser; then their indices.
        self.fold_to(other.texts.form);
        other.texts.texts.iter().for_each(|text| {
            self.index(text);
        });
        let indices: Vec<u32> = other.texts.texts.iter().map(|text| self.index(text)).collect();
        for (key, at) in other.at {
            let at = at.into_iter().map(|(start_us, index)| (start_us, indices[index as usize]));
            self.at.entry(key).or_default().extend(at);
        }
    }

    /// Which form the texts have in the end depends on which there are alone, not on their order.
    fn index(&mut self, text: &str) -> u32 {
        loop {
            let shown = self.texts.form.of(text);
            if let Some(index) = self.texts.index_of(&shown) {
                return index;
            }
            match self.texts.form.coarser().filter(|_| self.texts.texts.len() >= MOST_TEXTS) {
                Some(coarser) => self.fold_to(coarser),
                None => return self.texts.push(&shown),
            }
        }
    }

    fn fold_to(&mut self, form: Form) {
        if form <= self.texts.form {
            return;
        }
        let mut folded = Texts { form, ..Texts::default() };
        let indices: Vec<u32> = std::mem::take(&mut self.texts.texts)
            .iter()
            .map(|text| {
                let shown = form.of(text);
                folded.index_of(&shown).unwrap_or_else(|| folded.push(&shown))
            })
            .collect();
        self.texts = folded;
        for (_, index) in self.at.values_mut().flatten() {
            *index = indices[*index as usize];
        }
    }
}

#[derive(Debug, Default)]
struct Texts {
    form: Form,
    indices: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Texts {
    fn index_of(&self, text: &str) -> Option<u32> {
        self.indices.get(text).copied()
    }

    fn push(&mut self, text: &str) -> u32 {
        let (text, index): (Arc<str>, u32) = (text.into(), self.texts.len() as u32);
        self.texts.push(text.clone());
        self.indices.insert(text, index);
        index
    }

    fn text(&self, index: u32) -> &str {
        &self.texts[index as usize]
    }
}

/// How much of a text is kept, most first.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    #[default]
    Whole,
    WithoutIds,
    Pooled,
}

impl Form {
    fn coarser(self) -> Option<Form> {
        match self {
            Form::Whole => Some(Form::WithoutIds),
            Form::WithoutIds => Some(Form::Pooled),
            Form::Pooled => None,
        }
    }

    fn of(self, text: &str) -> String {
        match self {
            Form::Whole => text.to_owned(),
            Form::WithoutIds => without_ids(text),
            Form::Pooled => OTHER.to_owned(),
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(texts: &[String]) -> MessageLog {
        let mut log = MessageLog::default();
        for (start_us, text) in (0i64..).zip(texts) {
            log.add(7, (1, 2), start_us, text);
        }
        log
    }

    fn texts(log: &MessageLog) -> Vec<String> {
        log.of(7, (1, 2), None).iter().map(|message| message.text.to_owned()).collect()
    }

    #[test]
    fn a_long_text_is_cut_and_an_empty_one_says_nothing() {
        let log = said(&["ä".repeat(40_000), "  ".to_owned(), " short ".to_owned()]);
        let found = texts(&log);
        assert_eq!((found.len(), found[0].chars().count(), found[1].as_str()), (2, 301, "short"));
    }

    #[test]
    fn of_very_many_texts_the_numbers_go_and_what_still_differs_is_pooled() {
        let many = |word: &dyn Fn(usize) -> String| -> Vec<String> { (0..3_000).map(word).collect() };
        let ids = said(&many(&|at| format!("no slot for 7f{at} in 12.5 s")));
        assert!(texts(&ids).iter().all(|text| text == "no slot for # in #.# s"));
        let letters = |at: usize| -> String {
            format!("{at:05}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
        };
        let words = said(&many(&letters));
        assert!(texts(&words).iter().all(|text| text == OTHER) && texts(&words).len() == 3_000);
        let few = said(&(0..900).map(letters).collect::<Vec<_>>());
        assert!(texts(&few).iter().all(|text| text != OTHER));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn the_order_in_which_parts_come_does_not_matter(
            distinct in prop::sample::select(vec![3usize, 990, 1_010, 2_500]), with_letters in any::<bool>(),
            cut_at in 0usize..2_500
        ) {
            let word = |at: usize| -> String {
                let digits = format!("{at:05}");
                let letters = digits.bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
                if with_letters { letters } else { digits }
            };
            let all: Vec<String> = (0..2_500).map(|at| word(at % distinct)).collect();
            let whole = said(&all);
            let part = |range: std::ops::Range<usize>| {
                let mut log = MessageLog::default();
                for at in range {
                    log.add(7, (1, 2), at as i64, &all[at]);
                }
                log
            };
            let (mut first, mut second) = (part(0..cut_at), part(cut_at..2_500));
            first.merge(part(cut_at..2_500));
            second.merge(part(0..cut_at));
            prop_assert_eq!(texts(&first), texts(&whole));
            prop_assert_eq!(texts(&second), texts(&whole));
        }
    }
}
