//! 提问: questions as their author keeps them, and as the bureau that is asked keeps them.

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::record::{Acceptance, Claim, REPORTS, claim, known_again, move_position};
use crate::sql::{Line, sql};
use crate::topic::Topic;

/// What the stream of reports calls a question.
pub const QUESTION: &str = "question";

const MINE: &str = "my_question";
const ASKED: &str = "question";

/// A question that this node sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyQuestion {
    /// Its key.
    pub key: String,
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// Who sent it.
    pub sent_by: String,
    /// When.
    pub sent_at: Moment,
    /// Its number in the stream of reports.
    pub seq: u64,
}

/// A question to send.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Its key.
    pub key: &'a str,
    /// The content, as JSON.
    pub payload: &'a str,
    /// The signed envelope.
    pub envelope: &'a [u8],
    /// Who sends it.
    pub by: &'a str,
    /// When.
    pub at: Moment,
}

/// A question that a child sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedQuestion {
    /// Its key.
    pub key: String,
    /// Whose it is.
    pub region: RegionCode,
    /// The content, as JSON.
    pub payload: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// When it came.
    pub received_at: Moment,
    /// Who of the roster shall look at it; empty for nobody.
    pub expert: String,
    /// Who said so; empty if nobody has.
    pub noted_by: String,
}

/// One numbered question in a child's stream of reports.
#[derive(Debug, Clone, Copy)]
pub struct QuestionArrival<'a> {
    /// Whose it is, from its certificate.
    pub author: &'a RegionCode,
    /// The incarnation of the author's database.
    pub incarnation: &'a str,
    /// Its number in the stream.
    pub seq: u64,
    /// The [`change_mark`](crate::change_mark) of what came.
    pub mark: Digest,
    /// The question. What cannot be kept as one arrives as a report that cannot: with a receipt that says why.
    pub question: &'a AskedQuestion,
}

fn my_question(line: &Line) -> Result<MyQuestion, StoreError> {
    Ok(MyQuestion {
        key: line.text("key")?,
        payload: line.text("payload")?,
        envelope: line.bytes("envelope")?,
        sent_by: line.text("sent_by")?,
        sent_at: line.moment("sent_at")?,
        seq: line.number("seq")?,
    })
}

fn asked(line: &Line) -> Result<AskedQuestion, StoreError> {
    Ok(AskedQuestion {
        key: line.text("key")?,
        region: line.region("region")?,
        payload: line.text("payload")?,
        envelope: line.bytes("envelope")?,
        received_at: line.moment("received_at")?,
        expert: line.text("expert")?,
        noted_by: line.text("noted_by")?,
    })
}

async fn keep(tx: &mut Tx, new: &AskedQuestion) -> Result<u64, StoreError> {
    let text = "INSERT INTO question (region, key, received_at, expert, noted_by, payload, envelope) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (region, key) DO NOTHING";
    let statement = sql(ASKED, "keeping a question", text).shown(&new.region).text(&new.key).moment(new.received_at);
    let statement = statement.text(&new.expert).text(&new.noted_by).text(&new.payload).bytes(&new.envelope);
    statement.run(tx.connection()).await
}

impl Store {
    /// Keeps a question and appends it to the stream of reports in one transaction. `false`, and nothing written, if it
    /// was sent before.
    #[boxed]
    pub async fn ask(&self, new: &Asking<'_>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let seq = tx.append(REPORTS, QUESTION, new.key, Some(new.envelope), new.at).await?;
        let text = "INSERT INTO my_question (key, sent_by, sent_at, seq, payload, envelope) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING";
        let statement = sql(MINE, "keeping a question", text).text(new.key).text(new.by).moment(new.at).number(seq);
        if statement.text(new.payload).bytes(new.envelope).run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        tx.touch(Topic::Questions);
        tx.commit().await?;
        Ok(true)
    }

    /// The questions that this node sent, the newest first.
    #[boxed]
    pub async fn my_questions(&self) -> Result<Vec<MyQuestion>, StoreError> {
        let text = "SELECT key, sent_by, sent_at, seq, payload, envelope FROM my_question ORDER BY seq DESC";
        sql(MINE, "reading questions", text).read(&mut *self.reader().await?, my_question).await
    }

    /// Takes in a question of a child: question and position in one transaction. What was applied before is not
    /// applied again.
    #[boxed]
    pub async fn accept_question(&self, arrival: &QuestionArrival<'_>) -> Result<Acceptance, StoreError> {
        let QuestionArrival { author, incarnation, seq, mark, question } = *arrival;
        let mut tx = self.begin().await?;
        match claim(&mut tx, author, REPORTS, incarnation, seq).await? {
            Claim::Gap { expected } => return Ok(Acceptance::Gap { expected }),
            Claim::Fits { skip, mark: taken } if skip > 0 => {
                known_again((author, REPORTS, seq), taken.filter(|_| skip == 1), mark)?;
                return Ok(Acceptance::Accepted { seq, applied: 0, skipped: 1 });
            }
            Claim::Fits { .. } => {}
        }
        let applied = keep(&mut tx, question).await?;
        move_position(&mut tx, author, REPORTS, incarnation, (seq, Some(mark))).await?;
        tx.touch(Topic::Questions);
        tx.commit().await?;
        Ok(Acceptance::Accepted { seq, applied, skipped: 1_u64.saturating_sub(applied) })
    }

    /// The questions that children sent, the newest first.
    #[boxed]
    pub async fn questions(&self) -> Result<Vec<AskedQuestion>, StoreError> {
        let text = "SELECT region, key, received_at, expert, noted_by, payload, envelope FROM question \
            ORDER BY received_at DESC, region, key";
        sql(ASKED, "reading questions", text).read(&mut *self.reader().await?, asked).await
    }

    /// The keys of the questions that one child sent, sorted.
    #[boxed]
    pub async fn question_keys(&self, region: &RegionCode) -> Result<Vec<String>, StoreError> {
        let text = "SELECT region, key FROM question WHERE region = $1 ORDER BY key";
        let query = sql(ASKED, "reading questions", text).shown(region);
        query.read(&mut *self.reader().await?, |line: &Line| line.text("key")).await
    }

    /// Notes who of the roster shall look at a question; an empty name takes that back. `false` if there is no such
    /// question.
    #[boxed]
    pub async fn note_expert(
        &self,
        region: &RegionCode,
        key: &str,
        expert: &str,
        by: &str,
    ) -> Result<bool, StoreError> {
        let text = "UPDATE question SET expert = $3, noted_by = $4 WHERE region = $1 AND key = $2";
        let mut tx = self.begin().await?;
        let statement = sql(ASKED, "noting an expert", text).shown(region).text(key).text(expert).text(by);
        if statement.run(tx.connection()).await? == 0 {
            return Ok(false);
        }
        tx.touch(Topic::Questions);
        tx.commit().await?;
        Ok(true)
    }
}
