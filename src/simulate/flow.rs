//! The flow of one request: caches, LightRAG behind its breaker, Perplexity, the cached answer; and its rows.

use rand_distr::Zipf;

use super::breaker::Ticket;
use super::draws::Draws;
use super::plan::{BACK_MS, CACHE_MS, FRONT_MS, HIT_RATES, MODES, Plan, UNCACHED_SHARE};
use super::words::{Entry, Word, ms, us};

/// Different questions, asked by a Zipf law: a few are hot.
const QUESTIONS: f64 = 5_000.0;
const QUESTION_EXPONENT: f64 = 1.05;
/// Spread of service times (standard deviation of the logarithm).
const CACHE_SIGMA: f64 = 0.4;
const MODEL_SIGMA: f64 = 0.4;
/// LightRAG's failures by category when nothing is wrong, and their shares.
const CATEGORIES: [Word; 4] = [Word::ApiError, Word::ParsingError, Word::Timeout, Word::CostLimit];
const CATEGORY_SHARES: [f64; 4] = [0.45, 0.25, 0.20, 0.10];
/// LightRAG gives up after this, ms.
const TIMEOUT_MS: f64 = 3_000.0;
/// Share of questions for which an old answer is kept.
const CACHED_ANSWER_SHARE: f64 = 0.5;
/// Time from the breaker's decision to the call it guards, µs.
const DECISION_US: i64 = 50;
/// Share of puts that push an old entry out.
const EVICTING_SHARE: f64 = 0.3;
/// Prices of tokens in USD.
const INPUT_USD: f64 = 1.5e-6;
const OUTPUT_USD: f64 = 6e-6;
const TIERS: [Word; 3] = [Word::CacheL1, Word::CacheL2, Word::CacheL3];

/// The streams that a request draws from.
pub struct Luck {
    pub caches: Draws,
    pub models: Draws,
    pub failures: Draws,
    pub questions: Option<Zipf<f64>>,
}

impl Luck {
    pub fn questions() -> Option<Zipf<f64>> {
        Zipf::new(QUESTIONS, QUESTION_EXPONENT).ok()
    }
}

/// A request under way. Times in µs since the start of the run.
#[derive(Debug)]
pub struct RequestFlow {
    pub id: u64,
    pub user: u32,
    pub start_us: i64,
    pub scheduled_us: Option<i64>,
    /// Up to when its rows are known.
    pub now_us: i64,
    /// The question, unless no cache may answer it.
    key: Option<u64>,
    entries: Vec<Entry>,
    answered_by: Option<Word>,
    /// How the last thing that was tried ended.
    outcome: Word,
}

/// A call of LightRAG that waits for a slot or holds one.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub ticket: Ticket,
    pub asked_us: i64,
    pub begin_us: i64,
    pub end_us: i64,
    mode: Word,
    pub outcome: Word,
    tokens: (u32, u32),
}

impl Query {
    pub fn has_failed(&self) -> bool {
        self.outcome != Word::Ok
    }
}

impl RequestFlow {
    pub fn new(id: u64, user: u32, start_us: i64, scheduled_us: Option<i64>, luck: &mut Luck) -> RequestFlow {
        let front_us = us(luck.caches.log_normal(FRONT_MS, CACHE_SIGMA));
        let is_cached = !luck.caches.happens(UNCACHED_SHARE);
        let question = luck.questions.as_ref().filter(|_| is_cached).map(|zipf| luck.caches.sample(zipf));
        RequestFlow {
            id,
            user,
            start_us,
            scheduled_us,
            now_us: start_us + front_us,
            key: question.map(|rank| scatter(rank as u64)),
            entries: Vec::with_capacity(8),
            answered_by: None,
            outcome: Word::Ok,
        }
    }

    /// Asks the tiers in turn; true when one of them answered.
    pub fn ask_caches(&mut self, luck: &mut Luck) -> bool {
        if self.key.is_none() {
            return false;
        }
        for (tier, hit_rate) in HIT_RATES.into_iter().enumerate() {
            let hit = luck.caches.happens(hit_rate);
            let duration_us = us(luck.caches.log_normal(CACHE_MS[tier], CACHE_SIGMA)).max(1);
            let outcome = if hit { Word::Hit } else { Word::Miss };
            self.step(TIERS[tier], Word::Get, outcome, duration_us).key = self.key;
            if hit {
                self.answered_by = Some(TIERS[tier]);
                self.promote(tier, luck);
                return true;
            }
        }
        false
    }

    /// Copies a hit of a lower tier one tier up.
    fn promote(&mut self, tier: usize, luck: &mut Luck) {
        let operation = match tier {
            1 => Word::PromoteFromL2,
            2 => Word::PromoteFromL3,
            _ => return,
        };
        let duration_us = us(luck.caches.log_normal(CACHE_MS[tier - 1], CACHE_SIGMA)).max(1);
        self.step(TIERS[tier - 1], operation, Word::Ok, duration_us).key = self.key;
    }

    /// Draws a call of LightRAG; `begin_us` and `end_us` still count from 0, its slot is not known yet.
    pub fn draw_query(&self, plan: &Plan, ticket: Ticket, pace: f64, luck: &mut Luck) -> Query {
        let (mode, _, mean_ms) = MODES[luck.models.pick(&MODES.map(|(_, share, _)| share))];
        let service_ms = luck.models.log_normal(mean_ms * plan.service_scale * pace, MODEL_SIGMA);
        let tokens_in = luck.models.log_normal(1_500.0, 0.3) as u32;
        let tokens_out = luck.models.log_normal(350.0, 0.4) as u32;
        let (rate, _, category) = plan.failures(self.now_us);
        let outcome = draw_outcome(rate, category, luck);
        let held_ms = match outcome {
            Word::Timeout if plan.outages.is_empty() => TIMEOUT_MS,
            // In an outage the deadline is short: nobody waits for a service that is known to be down.
            Word::Timeout => TIMEOUT_MS / 3.0,
            Word::ApiError => service_ms * 0.4,
            Word::CostLimit => 2.0,
            _ => service_ms,
        };
        let asked_us = self.now_us + DECISION_US;
        Query {
            ticket,
            asked_us,
            begin_us: 0,
            end_us: us(held_ms).max(1),
            mode,
            outcome,
            tokens: (tokens_in, tokens_out),
        }
    }

    /// The breaker let nothing through.
    pub fn note_blocked(&mut self, luck: &mut Luck) {
        let cost_usd = cost((luck.models.log_normal(1_500.0, 0.3) as u32, 350));
        let entry = self.step(Word::CircuitBreaker, Word::Call, Word::Blocked, DECISION_US);
        entry.instance = Some(Word::Lightrag);
        entry.cost_usd = Some(cost_usd);
        self.outcome = Word::Blocked;
    }

    /// LightRAG answered or failed: its row and that of the breaker around it.
    pub fn note_query(&mut self, query: &Query, luck: &mut Luck) {
        let guard = self.step(Word::CircuitBreaker, Word::Call, query.outcome, query.end_us - self.now_us);
        guard.instance = Some(Word::Lightrag);
        let held_us = query.end_us - query.begin_us;
        let first_token = luck.models.between(0.25, 0.45);
        let quality = luck.models.between(0.84, 0.98);
        let mut entry = Entry::new(query.asked_us, Word::Lightrag, query.mode);
        entry.outcome = Some(query.outcome);
        entry.duration_ms = Some(ms(query.end_us - query.asked_us));
        entry.queue_ms = Some(ms(query.begin_us - query.asked_us));
        entry.attempt = Some(1);
        if query.outcome != Word::CostLimit {
            let tokens = (query.tokens.0, if query.has_failed() { 0 } else { query.tokens.1 });
            (entry.tokens_in, entry.tokens_out) = (Some(tokens.0), Some(tokens.1));
            entry.cost_usd = Some(cost(tokens));
        }
        if query.has_failed() {
            entry.detail = Some(message(query.outcome));
        } else {
            entry.ttft_ms = Some(ms(query.begin_us - query.asked_us + (held_us as f64 * first_token) as i64));
            entry.quality = Some(round(quality, 1e3));
            self.answered_by = Some(Word::Lightrag);
        }
        self.entries.push(entry);
        self.outcome = query.outcome;
    }

    /// Keeps the answer in all tiers.
    pub fn fill_caches(&mut self, luck: &mut Luck) {
        if self.key.is_none() {
            return;
        }
        for (tier, mean_ms) in TIERS.into_iter().zip(CACHE_MS) {
            let duration_us = us(luck.caches.log_normal(mean_ms, CACHE_SIGMA)).max(1);
            self.step(tier, Word::Put, Word::Ok, duration_us).key = self.key;
            if luck.caches.happens(EVICTING_SHARE) {
                let old = luck.questions.as_ref().map(|zipf| luck.caches.sample(zipf));
                self.step(tier, Word::Evict, Word::Ok, 1).key = old.map(|rank| scatter(rank as u64));
            }
        }
    }

    /// Perplexity, then an answer that was kept from before.
    pub fn fall_back(&mut self, plan: &Plan, luck: &mut Luck) {
        let (_, rate, category) = plan.failures(self.now_us);
        let failed = luck.failures.happens(rate);
        let duration_us = us(luck.models.log_normal(650.0, 0.35)).max(1);
        let tokens = (luck.models.log_normal(900.0, 0.3) as u32, luck.models.log_normal(300.0, 0.4) as u32);
        let outcome = if failed { category.unwrap_or(Word::ApiError) } else { Word::Ok };
        let quality = luck.models.between(0.72, 0.88);
        self.outcome = outcome;
        let entry = self.step(Word::Perplexity, Word::Query, outcome, duration_us);
        entry.attempt = Some(1);
        if failed {
            entry.detail = Some(message(outcome));
            return self.answer_from_old(luck);
        }
        (entry.tokens_in, entry.tokens_out) = (Some(tokens.0), Some(tokens.1));
        entry.cost_usd = Some(round(cost(tokens) + 0.005, 1e6));
        entry.ttft_ms = Some(ms(duration_us / 3));
        entry.quality = Some(round(quality, 1e3));
        self.answered_by = Some(Word::Perplexity);
    }

    fn answer_from_old(&mut self, luck: &mut Luck) {
        let hit = luck.failures.happens(CACHED_ANSWER_SHARE);
        let duration_us = us(luck.caches.log_normal(4.0, CACHE_SIGMA)).max(1);
        let quality = luck.models.between(0.5, 0.75);
        let outcome = if hit { Word::Hit } else { Word::Miss };
        let entry = self.step(Word::CacheFallback, Word::Get, outcome, duration_us);
        if hit {
            entry.quality = Some(round(quality, 1e3));
            self.answered_by = Some(Word::CacheFallback);
        }
    }

    /// Ends the request: its rows in the order of their start, the times stretched by `factor`.
    pub fn finish(mut self, factor: f64, lost_share: f64, luck: &mut Luck) -> Finished {
        // Nothing is drawn where nothing is lost: such runs keep their bytes.
        if lost_share > 0.0 && luck.failures.happens(lost_share) {
            (self.answered_by, self.outcome) = (None, Word::ApiError);
        }
        self.now_us += us(luck.caches.log_normal(BACK_MS, CACHE_SIGMA));
        let stretched = |at_us: i64| self.start_us + ((at_us - self.start_us) as f64 * factor).round() as i64;
        let end_us = stretched(self.now_us);
        let mut entries = self.entries;
        for entry in &mut entries {
            let (from_us, to_us) = (entry.ts, stretched(entry.ts));
            let stretched_ms = |span_ms| ms(stretched(from_us + us(span_ms)) - to_us);
            entry.ts = to_us;
            entry.duration_ms = Some(stretched_ms(entry.duration_ms.unwrap_or(0.0)));
            entry.queue_ms = entry.queue_ms.map(stretched_ms);
            entry.ttft_ms = entry.ttft_ms.map(stretched_ms);
            (entry.request_id, entry.user_id) = (Some(self.id), Some(self.user));
        }
        let mut request = Entry::new(self.start_us, Word::Request, Word::Query);
        let succeeded = self.answered_by.is_some();
        request.outcome = Some(if succeeded { Word::Ok } else { self.outcome });
        request.duration_ms = Some(ms(end_us - self.start_us));
        request.answered_by = self.answered_by;
        request.scheduled_ts = self.scheduled_us;
        (request.request_id, request.user_id) = (Some(self.id), Some(self.user));
        entries.push(request);
        Finished { user: self.user, end_us, succeeded, entries }
    }

    /// The rows of a request that LightRAG never answered, as far as they came.
    pub fn give_up(self) -> Vec<Entry> {
        let call = Entry::new(self.now_us + DECISION_US, Word::Lightrag, Word::Hybrid);
        let mut request = Entry::new(self.start_us, Word::Request, Word::Query);
        request.scheduled_ts = self.scheduled_us;
        let mut entries = self.entries;
        entries.extend([call, request]);
        for entry in &mut entries {
            (entry.request_id, entry.user_id) = (Some(self.id), Some(self.user));
        }
        entries
    }

    /// A child row from now on; moves the clock to its end.
    fn step(&mut self, component: Word, operation: Word, outcome: Word, duration_us: i64) -> &mut Entry {
        let mut entry = Entry::new(self.now_us, component, operation);
        entry.outcome = Some(outcome);
        entry.duration_ms = Some(ms(duration_us));
        self.now_us += duration_us;
        let index = self.entries.len();
        self.entries.push(entry);
        &mut self.entries[index]
    }
}

/// A request that ended, with its rows.
#[derive(Debug)]
pub struct Finished {
    pub user: u32,
    pub end_us: i64,
    pub succeeded: bool,
    pub entries: Vec<Entry>,
}

fn draw_outcome(rate: f64, category: Option<Word>, luck: &mut Luck) -> Word {
    let drawn = CATEGORIES[luck.failures.pick(&CATEGORY_SHARES)];
    if luck.failures.happens(rate) { category.unwrap_or(drawn) } else { Word::Ok }
}

fn message(outcome: Word) -> &'static str {
    match outcome {
        Word::Timeout => "no answer before the deadline",
        Word::ParsingError => "answer is not the JSON that was asked for",
        Word::CostLimit => "cost limit of the minute reached",
        _ => "upstream answered 503",
    }
}

/// USD for tokens in and out, to the millionth.
fn cost((tokens_in, tokens_out): (u32, u32)) -> f64 {
    round(f64::from(tokens_in) * INPUT_USD + f64::from(tokens_out) * OUTPUT_USD, 1e6)
}

pub fn round(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}

/// A hash of the question's rank (the finaliser of SplitMix64): keys look random, equal questions equal.
fn scatter(rank: u64) -> u64 {
    let mut x = rank.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
