//! Text columns: words → codes of the run's lexicon, once per dictionary and not per row; free text as it is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, UInt32Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;

use super::translate::translate;
use crate::run::batch::Lexicon;
use crate::run::columns::Column;
use crate::run::columns::kinds::{is_bytes, is_text, word_type};

/// Words as codes; words of other tools as those of the contract.
pub fn decode(
    column: &Column,
    array: &ArrayRef,
    lexicon: &Lexicon,
    ok_words: &[String],
) -> Result<ArrayRef, ArrowError> {
    let wanted = word_type();
    let array = if array.data_type() == &wanted { array.clone() } else { cast(&as_text(array)?, &wanted)? };
    let not_text = || ArrowError::CastError(format!("{} is no text", array.data_type()));
    let dictionary = array.as_dictionary_opt::<Int32Type>().ok_or_else(not_text)?;
    let words = dictionary.values().as_string_opt::<i32>().ok_or_else(not_text)?;
    let code = |word: &str| match translate(column.index, word, ok_words) {
        Some(meaning) => lexicon.translated(column.name, word, &meaning),
        None => lexicon.code(word),
    };
    let codes: Vec<Option<u32>> = words.iter().map(|word| word.map(code)).collect();
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
    let array = as_text(array)?;
    if array.data_type() == &DataType::Utf8 { Ok(array) } else { cast(&array, &DataType::Utf8) }
}

/// Codes are their digits; bytes, as Parquet's ENUM comes, are text in UTF-8, and what is none of it is shown as far as it is.
fn as_text(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let array = match array.data_type() {
        DataType::Dictionary(_, value) if !is_text(value) => cast(array, value)?,
        _ => array.clone(),
    };
    if array.data_type().is_integer() || *array.data_type() == DataType::Boolean {
        return cast(&array, &DataType::Utf8);
    }
    if !is_bytes(array.data_type()) {
        return Ok(array);
    }
    let bytes = cast(&array, &DataType::LargeBinary)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let texts: StringArray = bytes.as_binary::<i64>().iter().map(|bytes| bytes.map(text)).collect();
    Ok(Arc::new(texts))
}
