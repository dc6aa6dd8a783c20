//! 两边不一致的记录: where author and parent hold different states of a record since a database was restored, and what a
//! person chose. At the parent these are the records that the author's database does not know, with what it sent of
//! them; at the author those that the parent returned.

use tongpin_domain::region::RegionCode;

use super::RECORD;
use super::life::Written;
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, listed, pieces, sql, tuples};
use crate::topic::Topic;

const APART: &str = "apart";

/// Whose state is to hold on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// 以上级保留的为准
    Parent,
    /// 以本单位（记录的所有者）的为准
    Child,
}

impl Choice {
    /// The word that is stored and sent.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
        }
    }

    /// The choice of a word, `None` for any other.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Parent, Self::Child].into_iter().find(|choice| choice.word() == word)
    }
}

/// The state of a record that the other side holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The change that it came from.
    pub written: Written,
    /// The body, `None` if it is deleted there.
    pub body: Option<String>,
    /// The other state was written in knowledge of this one.
    pub older: bool,
}

/// A record whose states differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `project`, `indicator` …
    pub kind: String,
    /// Which one.
    pub key: String,
    /// What is held here, `None` if it is deleted or was never here.
    pub here: Option<String>,
    /// The change that this came from; of an own record only its number is known, 0 for none.
    pub here_written: Written,
    /// What the other side holds, `None` if it does not know the record.
    pub there: Option<Apart>,
    /// What a person chose.
    pub choice: Option<Choice>,
    /// Who.
    pub chosen_by: String,
}

/// What arrived and is not newer than what is held.
pub(super) struct KeptApart<'a> {
    pub(super) kind: &'a str,
    pub(super) key: &'a str,
    pub(super) incarnation: &'a str,
    pub(super) number: u64,
    pub(super) older: bool,
    pub(super) body: Option<&'a str>,
}

fn difference(line: &Line) -> Result<Difference, StoreError> {
    let there = match line.maybe_text("incarnation")? {
        Some(incarnation) if !incarnation.is_empty() => Some(Apart {
            written: Written { incarnation, number: line.number("number")? },
            body: line.maybe_text("body")?,
            older: line.flag("older")?,
        }),
        _ => None,
    };
    Ok(Difference {
        kind: line.text("kind")?,
        key: line.text("key")?,
        here: line.maybe_text("here")?,
        here_written: Written {
            incarnation: line.maybe_text("here_incarnation")?.unwrap_or_default(),
            number: line.maybe_number("here_number")?.unwrap_or(0),
        },
        there,
        choice: line.maybe_text("choice")?.and_then(|word| Choice::read(&word)),
        chosen_by: line.maybe_text("chosen_by")?.unwrap_or_default(),
    })
}

/// Keeps what arrived apart. What was chosen about the very same stays chosen.
pub(super) async fn keep(tx: &mut Tx, author: &RegionCode, kept: &[KeptApart<'_>]) -> Result<(), StoreError> {
    for chunk in pieces(kept) {
        let text = format!(
            "INSERT INTO apart (author, kind, key, incarnation, number, older, choice, chosen_by, body) VALUES {} \
             ON CONFLICT (author, kind, key) DO UPDATE SET choice = CASE WHEN apart.number = excluded.number \
             AND apart.incarnation = excluded.incarnation THEN apart.choice ELSE '' END, \
             incarnation = excluded.incarnation, number = excluded.number, older = excluded.older, \
             body = excluded.body",
            tuples(tx.kind(), chunk.len(), 9)
        );
        let mut statement = sql(APART, "keeping records apart", text);
        for it in chunk {
            statement = statement.shown(author).text(it.kind).text(it.key).text(it.incarnation);
            statement = statement.number(fits("sequence number", it.number)?).flag(it.older).text("").text("");
            statement = statement.maybe_text(it.body);
        }
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

/// Both sides agree on these again.
pub(super) async fn forget(tx: &mut Tx, author: &RegionCode, names: &[(&str, &str)]) -> Result<(), StoreError> {
    let text = format!("DELETE FROM apart WHERE author = $1 AND kind = $2 AND key IN {}", listed(tx.kind(), 3));
    let mut kinds: Vec<&str> = names.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let keys: Vec<&str> = names.iter().filter(|name| name.0 == kind).map(|(_, key)| *key).collect();
        let statement = sql(APART, "forgetting what was apart", text.clone()).shown(author).text(kind).list(&keys);
        statement.run(tx.connection()).await?;
    }
    Ok(())
}

impl Store {
    /// At a parent: the records of a child that the child's present database does not know, sorted by kind and key,
    /// each with what the child sent of it.
    #[boxed]
    pub async fn differences(&self, author: &RegionCode) -> Result<Vec<Difference>, StoreError> {
        let mut reader = self.reader().await?;
        // Whoever was never restored has no differences, and is not searched for them.
        let text = "SELECT number FROM life WHERE author = $1 AND stream = 'records' AND upto IS NOT NULL LIMIT 1";
        if sql(RECORD, "reading lives", text).shown(author).first(&mut reader).await?.is_none() {
            return Ok(Vec::new());
        }
        let text = "SELECT r.kind, r.key, r.body AS here, l.incarnation AS here_incarnation, r.seq AS here_number, \
            a.incarnation, a.number, a.older, a.body, a.choice, a.chosen_by FROM \
            (SELECT author, kind, key, life, seq, body FROM record WHERE author = $1 UNION ALL \
             SELECT author, kind, key, life, seq, NULL FROM record_gone WHERE author = $1) AS r \
            JOIN life AS l ON l.author = r.author AND l.stream = 'records' AND l.number = r.life \
            LEFT JOIN apart AS a ON a.author = r.author AND a.kind = r.kind AND a.key = r.key \
            WHERE r.seq > l.upto ORDER BY r.kind, r.key";
        sql(RECORD, "comparing records", text).shown(author).read(&mut reader, difference).await
    }

    /// At an author: the records of which its parent holds another state, sorted by kind and key.
    #[boxed]
    pub async fn returned(&self, own: &RegionCode) -> Result<Vec<Difference>, StoreError> {
        let text = "SELECT a.kind, a.key, r.body AS here, '' AS here_incarnation, r.seq AS here_number, \
            a.incarnation, a.number, a.older, a.body, a.choice, a.chosen_by FROM apart AS a \
            LEFT JOIN record AS r ON r.author = a.author AND r.kind = a.kind AND r.key = a.key \
            WHERE a.author = $1 ORDER BY a.kind, a.key";
        let query = sql(APART, "comparing records", text).shown(own);
        let mut found = query.read(&mut *self.reader().await?, difference).await?;
        // What was entered again as the parent has it is no difference any more.
        found.retain(|it| it.there.as_ref().is_none_or(|there| there.body != it.here));
        Ok(found)
    }

    /// At an author: keeps what its parent returned, in the place of all that it returned before if `anew`. What is the
    /// same here is no difference.
    #[boxed]
    pub async fn keep_returned(
        &self,
        own: &RegionCode,
        anew: bool,
        returned: &[(String, String, Apart)],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if anew {
            let text = "DELETE FROM apart WHERE author = $1";
            sql(APART, "forgetting what was apart", text).shown(own).run(tx.connection()).await?;
        }
        let names = returned.iter().map(|(kind, key, _)| (kind.as_str(), key.as_str()));
        let held = super::put::bodies(&mut tx, own, names).await?;
        let differ =
            returned.iter().filter(|(kind, key, it)| held.get(&(kind.clone(), key.clone())) != it.body.as_ref());
        let kept: Vec<KeptApart<'_>> = differ
            .map(|(kind, key, it)| KeptApart {
                kind,
                key,
                incarnation: &it.written.incarnation,
                number: it.written.number,
                older: it.older,
                body: it.body.as_deref(),
            })
            .collect();
        keep(&mut tx, own, &kept).await?;
        tx.touch(Topic::Decisions(own.clone()));
        tx.commit().await
    }

    /// At a parent: notes whose state of a child's record is to hold. It travels down, and the child writes it. `false`
    /// if the two do not differ.
    #[boxed]
    pub async fn choose(
        &self,
        author: &RegionCode,
        kind: &str,
        key: &str,
        choice: Choice,
        by: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let text = "SELECT r.kind FROM (SELECT author, kind, key, life, seq FROM record UNION ALL \
             SELECT author, kind, key, life, seq FROM record_gone) AS r \
            JOIN life AS l ON l.author = r.author AND l.stream = 'records' AND l.number = r.life \
            WHERE r.author = $1 AND r.kind = $2 AND r.key = $3 AND r.seq > l.upto";
        let query = sql(RECORD, "comparing records", text).shown(author).text(kind).text(key);
        if query.first(tx.connection()).await?.is_none() {
            return Ok(false);
        }
        let text = "INSERT INTO apart (author, kind, key, incarnation, number, older, choice, chosen_by) \
            VALUES ($1, $2, $3, '', 0, 1, $4, $5) ON CONFLICT (author, kind, key) \
            DO UPDATE SET choice = excluded.choice, chosen_by = excluded.chosen_by";
        let statement = sql(APART, "noting a choice", text).shown(author).text(kind).text(key);
        statement.text(choice.word()).text(by).run(tx.connection()).await?;
        tx.touch(Topic::Decisions(author.clone()));
        tx.commit().await?;
        Ok(true)
    }

    /// At a parent: the children about whose records something was chosen that they have not carried out.
    #[boxed]
    pub async fn chosen_authors(&self) -> Result<Vec<RegionCode>, StoreError> {
        let text = "SELECT DISTINCT author FROM apart WHERE choice <> '' ORDER BY author";
        let query = sql(APART, "reading choices", text);
        query.read(&mut *self.reader().await?, |line: &Line| line.region("author")).await
    }
}
