//! Cells of text: free text as it is, cut where it is longer than anyone reads.

use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringViewArray};
use arrow_buffer::ScalarBuffer;
use arrow_cast::cast;
use arrow_data::ByteView;
use arrow_schema::{ArrowError, DataType};

use super::numbers::value_type;
use crate::run::columns::kinds::is_bytes;

/// As much of `text` as fits into so many bytes.
pub fn cut(text: &str, most_bytes: usize) -> &str {
    let mut end = most_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Bytes as text in UTF-8; what is none of it is shown as far as it is.
pub fn lossy(bytes: &[u8], most_bytes: usize) -> String {
    // A byte behind the cut tells that there was more.
    let bytes = &bytes[..bytes.len().min(most_bytes.saturating_add(1))];
    String::from_utf8_lossy(bytes).into_owned()
}

/// Free text of at most `most_bytes`. A text that many rows have is in memory once.
pub fn decode(array: &ArrayRef, most_bytes: usize) -> Result<ArrayRef, ArrowError> {
    if is_bytes(value_type(array.data_type())) {
        return of_bytes(array, most_bytes);
    }
    let array = cast(array, &DataType::Utf8View)?;
    let not_text = || ArrowError::CastError(format!("{} is no text", array.data_type()));
    let texts = array.as_string_view_opt().ok_or_else(not_text)?;
    let is_long = |view: &u128| ByteView::from(*view).length as usize > most_bytes;
    if !texts.views().iter().any(is_long) {
        return Ok(array);
    }
    let shorter = |(row, view): (usize, &u128)| {
        if !is_long(view) || texts.is_null(row) {
            return *view;
        }
        let length = cut(texts.value(row), most_bytes).len() as u32;
        ByteView { length, ..ByteView::from(*view) }.as_u128()
    };
    let views: ScalarBuffer<u128> = texts.views().iter().enumerate().map(shorter).collect();
    let cut = StringViewArray::try_new(views, texts.data_buffers().to_vec(), texts.nulls().cloned())?;
    Ok(Arc::new(cut))
}

fn of_bytes(array: &ArrayRef, most_bytes: usize) -> Result<ArrayRef, ArrowError> {
    let array = cast(array, &DataType::BinaryView)?;
    let mut texts = StringViewBuilder::new();
    for bytes in array.as_binary_view() {
        texts.append_option(bytes.map(|bytes| cut(&lossy(bytes, most_bytes), most_bytes).to_owned()));
    }
    Ok(Arc::new(texts.finish()))
}
