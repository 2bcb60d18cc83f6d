//! A first look at a footer's schema: the parser that follows recurses and allocates as the schema tells it to.

use super::thrift::{Cursor, Layout};

/// Deepest nesting of columns: lists and structs of a table that people made go four or five deep.
const MAX_DEPTH: usize = 64;
/// More columns than this are no table of events, and each takes some hundred bytes.
const MAX_COLUMNS: usize = 20_000;
/// Ids of the fields that are looked at, in `FileMetaData` and in `SchemaElement`.
const SCHEMA: i64 = 2;
const NUM_CHILDREN: i64 = 5;

/// Checks that the schema in `footer` is one tree whose elements are all there.
///
/// # Errors
/// What is wrong with it.
pub fn check(footer: &[u8]) -> Result<(), &'static str> {
    let children = read_children(footer).ok_or("its footer is not well formed")?;
    if children.len() > MAX_COLUMNS {
        return Err("its schema has too many columns");
    }
    // Elements still to come at each level above the one that is being read.
    let mut open = vec![1usize];
    for (index, &count) in children.iter().enumerate() {
        while open.last() == Some(&0) {
            open.pop();
        }
        let Some(awaited) = open.last_mut() else { return Err("its schema has more than one root") };
        *awaited -= 1;
        if count > children.len() - 1 - index {
            return Err("its schema promises more columns than it lists");
        }
        open.push(count);
        if open.len() > MAX_DEPTH {
            return Err("its schema nests too deep");
        }
    }
    if open.iter().any(|&awaited| awaited > 0) {
        return Err("its schema promises more columns than it lists");
    }
    Ok(())
}

/// The number of children of each schema element, in file order.
fn read_children(footer: &[u8]) -> Option<Vec<usize>> {
    let mut cursor = Cursor::new(footer);
    let (mut id, mut children) = (0, Vec::new());
    while let Some(layout) = cursor.field(&mut id)? {
        if (id, layout) == (SCHEMA, Layout::List) {
            let (count, Layout::Struct) = cursor.list()? else { return None };
            for _ in 0..count {
                children.push(read_element(&mut cursor)?);
            }
        } else {
            cursor.skip(layout)?;
        }
    }
    // What stands behind its end belongs to nothing: zeros over half a footer end it early.
    (cursor.position() == footer.len()).then_some(children)
}

fn read_element(cursor: &mut Cursor<'_>) -> Option<usize> {
    let (mut id, mut children) = (0, 0);
    while let Some(layout) = cursor.field(&mut id)? {
        if (id, layout) == (NUM_CHILDREN, Layout::Varint) {
            children = usize::try_from(cursor.integer()?).ok()?;
        } else {
            cursor.skip(layout)?;
        }
    }
    Some(children)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer with nothing but a schema: one element for each number of children.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x29, 0xfc];
        let mut count = children.len();
        while count >= 0x80 {
            bytes.push(count as u8 | 0x80);
            count >>= 7;
        }
        bytes.push(count as u8);
        for &number in children {
            bytes.extend([0x55, number << 1, 0x00]);
        }
        bytes.push(0x00);
        bytes
    }

    #[test]
    fn a_flat_and_a_nested_schema_are_fine() {
        assert_eq!(check(&footer(&[2, 0, 0])), Ok(()));
        assert_eq!(check(&footer(&[2, 1, 1, 0, 0])), Ok(()));
    }

    #[test]
    fn a_schema_that_promises_too_much_is_refused() {
        assert_eq!(check(&footer(&[3, 0, 0])), Err("its schema promises more columns than it lists"));
        assert_eq!(check(&footer(&[2, 0, 1])), Err("its schema promises more columns than it lists"));
        assert_eq!(check(&footer(&[1, 0, 0])), Err("its schema has more than one root"));
    }

    #[test]
    fn a_schema_that_would_exhaust_the_stack_is_refused() {
        let mut children = vec![1u8; 10_000];
        children.push(0);
        assert_eq!(check(&footer(&children)), Err("its schema nests too deep"));
    }

    #[test]
    fn bytes_that_are_no_thrift_are_refused() {
        assert_eq!(check(&[0x29, 0xfc, 0xff]), Err("its footer is not well formed"));
        assert_eq!(check(&[]), Err("its footer is not well formed"));
    }
}
