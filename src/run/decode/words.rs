//! Text columns: words → codes of the run's lexicon, once per dictionary and not per row.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, UInt32Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray, UInt32Array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use rustc_hash::FxHashMap;

use super::decoded::{Decoded, Reader};
use super::numbers::value_type;
use super::texts::{cut, lossy};
use super::translate::translate;
use crate::run::columns::kinds::{is_bytes, word_type};
use crate::run::columns::{COMPONENT, Column, INSTANCE, OPERATION};
use crate::run::names::{Kept, OTHER, hash};

/// Words as codes; words of other tools as those of the contract, and names beyond the limits as `(other)`.
pub fn decode(
    column: &'static Column,
    array: &ArrayRef,
    reader: &Reader<'_>,
    before: &[Decoded],
) -> Result<Decoded, ArrowError> {
    let dictionary = to_dictionary(array, reader.limits.max_name_bytes)?;
    let words = dictionary.values().as_string::<i32>();
    if let Some(kept) = reader.names.kept() {
        return Ok(decode_kept(column, &dictionary, (reader, kept), before));
    }
    if !reader.names.have_room(column.index, words, |word| reader.spelling(column, word)) {
        // Nobody looks at them: the run is read again.
        return Ok(Decoded::new(column, Arc::new(UInt32Array::new_null(array.len()))));
    }
    let codes: Vec<Option<u32>> =
        words.iter().map(|word| word.map(|word| reader.code(column, word))).collect();
    let keys = dictionary.keys();
    if words.null_count() == 0 {
        // Keys under a null may be anything.
        let code = |key: i32| usize::try_from(key).ok().and_then(|key| codes.get(key).copied()?).unwrap_or(0);
        let values = keys.values().iter().map(|&key| code(key)).collect();
        return Ok(Decoded::new(column, Arc::new(UInt32Array::new(values, keys.nulls().cloned()))));
    }
    let code = |key: i32| usize::try_from(key).ok().and_then(|key| codes.get(key).copied()?);
    let values: UInt32Array = keys.iter().map(|key| key.and_then(code)).collect();
    Ok(Decoded::new(column, Arc::new(values)))
}

/// The same where names are beyond the limits: which are kept depends on the component that has them.
fn decode_kept(
    column: &'static Column,
    dictionary: &DictionaryArray<Int32Type>,
    (reader, kept): (&Reader<'_>, &Kept),
    before: &[Decoded],
) -> Decoded {
    let words = dictionary.values().as_string::<i32>();
    let of_component = matches!(column.index, OPERATION | INSTANCE);
    let components = before.iter().find(|decoded| of_component && decoded.column.index == COMPONENT);
    let components = components.map(|decoded| decoded.values.as_primitive::<UInt32Type>());
    let mut codes: FxHashMap<(u32, i32), Option<(u32, u32)>> = FxHashMap::default();
    let mut tell_apart = vec![0; dictionary.len()];
    let mut values = Vec::with_capacity(dictionary.len());
    for (row, key) in dictionary.keys().iter().enumerate() {
        let component =
            components.filter(|components| components.is_valid(row)).map(|codes| codes.value(row));
        let code = |key: i32| {
            *codes.entry((component.unwrap_or(0), key)).or_insert_with(|| {
                let index = usize::try_from(key).ok().filter(|&index| words.is_valid(index))?;
                let component = component.map(|code| hash(&reader.lexicon.word(code)));
                Some(reader.code_of_kept(column, words.value(index), (kept, component)))
            })
        };
        let found = key.and_then(code);
        tell_apart[row] = found.map_or(0, |(_, apart)| apart);
        values.push(found.map(|(code, _)| code));
    }
    let values: UInt32Array = values.into_iter().collect();
    Decoded { tell_apart: Some(tell_apart), ..Decoded::new(column, Arc::new(values)) }
}

impl Reader<'_> {
    /// How a word is spelt in all that follows.
    pub fn spelling<'w>(&self, column: &Column, word: &'w str) -> Cow<'w, str> {
        spelling(column, word, self.limits)
    }

    fn code(&self, column: &Column, word: &str) -> u32 {
        if word.len() > self.limits.max_name_bytes {
            self.lexicon.note_cut(column.name, self.limits.max_name_bytes);
        }
        if column.index == COMPONENT {
            self.lexicon.note_component(&self.spelling(column, word));
        }
        match translate(column.index, word, &self.limits.ok_words) {
            Some(meaning) => self.lexicon.translated(column.name, word, &meaning),
            None => self.lexicon.code(&self.spelling(column, word)),
        }
    }

    /// The code, and what tells it apart from others that have the same.
    fn code_of_kept(
        &self,
        column: &Column,
        word: &str,
        (kept, component): (&Kept, Option<u64>),
    ) -> (u32, u32) {
        let spelling = self.spelling(column, word);
        if kept.holds(column.index, component, &spelling) {
            return (self.code(column, word), 0);
        }
        (self.lexicon.code(OTHER), hash(&spelling) as u32)
    }
}

/// How a word is spelt: as the contract does, and no longer than a name may be.
pub fn spelling<'w>(column: &Column, word: &'w str, limits: &crate::config::RunLimits) -> Cow<'w, str> {
    if word.len() > limits.max_name_bytes {
        return Cow::Owned(format!("{}…", cut(word, limits.max_name_bytes)));
    }
    translate(column.index, word, &limits.ok_words).map_or(Cow::Borrowed(word), Cow::Owned)
}

/// Text as distinct words and keys. Bytes, as Parquet's ENUM comes, are text in UTF-8.
pub fn to_dictionary(array: &ArrayRef, most_bytes: usize) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let not_text = || ArrowError::CastError(format!("{} is no text", array.data_type()));
    let is_of_bytes = is_bytes(value_type(array.data_type()));
    let wanted = if is_of_bytes {
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Binary))
    } else {
        word_type()
    };
    let words = if array.data_type() == &wanted { array.clone() } else { cast(array, &wanted)? };
    let words = words.as_dictionary_opt::<Int32Type>().ok_or_else(not_text)?;
    if !is_of_bytes {
        words.values().as_string_opt::<i32>().ok_or_else(not_text)?;
        return Ok(words.clone());
    }
    let bytes = words.values().as_binary_opt::<i32>().ok_or_else(not_text)?;
    let texts: StringArray = bytes.iter().map(|bytes| bytes.map(|bytes| lossy(bytes, most_bytes))).collect();
    DictionaryArray::try_new(words.keys().clone(), Arc::new(texts))
}
