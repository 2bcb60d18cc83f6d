//! Words that stand for something.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Takes one of these words for what it means.
pub fn one_of<T, const N: usize>(meanings: [(PossibleValue, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
{
    let words: Vec<PossibleValue> = meanings.iter().map(|(word, _)| word.clone()).collect();
    PossibleValuesParser::new(words).try_map(move |given| {
        let meant = meanings.iter().find(|(word, _)| word.get_name() == given);
        meant.map(|(_, meaning)| meaning.clone()).ok_or("no such word")
    })
}
