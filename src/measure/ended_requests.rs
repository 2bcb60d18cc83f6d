//! The requests one by one, for the pages.

use rustc_hash::FxHashMap;

use super::calls::{Calls, Ending};
use super::words::{Class, NO_WORD, Words};
use crate::summary::{EndedRequests, MaybeMs, RequestKind};

/// The requests that ended or never were answered, in the order of their starts.
pub fn measure(calls: Option<&Calls<'_>>, words: &Words) -> EndedRequests {
    let mut found = EndedRequests::default();
    let Some(calls) = calls else { return found };
    let endings: Vec<Ending> = calls.kinds().iter().map(|kind| kind.ending(words)).collect();
    let mut known: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let n = calls.len();
    found.end_us.reserve(n);
    found.duration_ms.reserve(n);
    found.kind.reserve(n);
    for call in 0..n {
        let kind = calls.kind()[call];
        let ending = endings[kind as usize];
        if ending == Ending::Unfinished {
            continue;
        }
        let answered_by = calls.answered_by(call).unwrap_or(NO_WORD);
        let index = *known.entry((kind, answered_by)).or_insert_with(|| {
            let kind = RequestKind {
                outcome: calls.kind_of(call).outcome().map(|code| words.word(code).to_owned()),
                answered_by: words.some_word(answered_by).map(str::to_owned),
                is_ok: ending == Ending::Finished(Class::Ok),
                is_failed: ending.is_failed(),
            };
            // Calls of several operations are of one kind here.
            let same = found.kinds.iter().position(|known| *known == kind);
            let index = same.unwrap_or_else(|| {
                found.kinds.push(kind);
                found.kinds.len() - 1
            });
            index as u32
        });
        // Users saw it fail when they sent it.
        let is_unanswered = ending == Ending::Unanswered;
        found.end_us.push(if is_unanswered { calls.start_us()[call] } else { calls.end_us(call) });
        found.duration_ms.push(if is_unanswered {
            MaybeMs::NONE
        } else {
            MaybeMs::of(calls.duration_ms()[call])
        });
        found.kind.push(index);
    }
    found
}
