//! Blocks of eight heights, of which small pictures of series are made.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The block for a share 0..1; the middle one where there is no share, since all values are the same.
pub fn block(share: f64) -> char {
    let last = BLOCKS.len() - 1;
    let index = if share.is_finite() { (share * last as f64).round() as usize } else { last / 2 };
    BLOCKS[index.min(last)]
}
