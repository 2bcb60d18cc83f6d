//! Text columns: words → codes of the run's lexicon, once per dictionary and not per row; free text as it is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;

use crate::run::batch::Lexicon;
use crate::run::columns::kinds::word_type;

/// Words as codes.
pub fn decode(array: &ArrayRef, lexicon: &Lexicon) -> Result<ArrayRef, ArrowError> {
    let wanted = word_type();
    let array = if array.data_type() == &wanted { array.clone() } else { cast(array, &wanted)? };
    let not_text = || ArrowError::CastError(format!("{} is no text", array.data_type()));
    let dictionary = array.as_dictionary_opt::<Int32Type>().ok_or_else(not_text)?;
    let words = dictionary.values().as_string_opt::<i32>().ok_or_else(not_text)?;
    let codes: Vec<Option<u32>> = words.iter().map(|word| word.map(|word| lexicon.code(word))).collect();
    let keys = dictionary.keys();
    if words.null_count() == 0 {
        // Keys under a null may be anything.
        let code = |key: i32| usize::try_from(key).ok().and_then(|key| codes.get(key).copied()?).unwrap_or(0);
        let values = keys.values().iter().map(|&key| code(key)).collect();
        return Ok(Arc::new(UInt32Array::new(values, keys.nulls().cloned())));
    }
    let code = |key: i32| usize::try_from(key).ok().and_then(|key| codes.get(key).copied()?);
    let values: UInt32Array = keys.iter().map(|key| key.and_then(code)).collect();
    Ok(Arc::new(values))
}

/// Free text.
pub fn decode_text(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == &DataType::Utf8 { Ok(array.clone()) } else { cast(array, &DataType::Utf8) }
}
