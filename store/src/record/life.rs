//! 数据库的各次"生命": which life of its author's database wrote which change. A database that is restored from a copy
//! goes on from the copy's log under a new incarnation, so the numbers of one stream fork there. Whoever knows the
//! forks can tell of two changes of a record whether one was made in knowledge of the other.

use tongpin_domain::region::RegionCode;

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, fits, sql};

const LIFE: &str = "life";
const OWN_LIFE: &str = "own_life";
const COLUMNS: &str = "author, stream, number, incarnation, parent, start, upto";

/// A life of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Which one.
    pub incarnation: String,
    /// After which number of the stream it began to write.
    pub start: u64,
}

/// A change, by the life that wrote it and its number: no other change ever has both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Written {
    /// The incarnation.
    pub incarnation: String,
    /// Its number in the stream.
    pub number: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    number: u64,
    incarnation: String,
    parent: Option<u64>,
    start: u64,
}

fn known(line: &Line) -> Result<Known, StoreError> {
    Ok(Known {
        number: line.number("number")?,
        incarnation: line.text("incarnation")?,
        parent: line.maybe_number("parent")?,
        start: line.number("start")?,
    })
}

/// All lives of one author that this database knows of.
pub(super) struct Lives {
    known: Vec<Known>,
}

impl Lives {
    pub(super) async fn read(tx: &mut Tx, author: &RegionCode, stream: &str) -> Result<Self, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM life WHERE author = $1 AND stream = $2 ORDER BY number");
        let query = sql(LIFE, "reading lives", text).shown(author).text(stream);
        Ok(Self { known: query.read(tx.connection(), known).await? })
    }

    /// Whether the author never had another: then nothing here can be newer than what comes.
    pub(super) fn is_only(&self) -> bool {
        self.known.len() < 2
    }

    pub(super) fn number(&self, incarnation: &str) -> Option<u64> {
        self.known.iter().find(|life| life.incarnation == incarnation).map(|life| life.number)
    }

    pub(super) fn incarnation(&self, number: u64) -> &str {
        self.get(number).map_or("", |life| &life.incarnation)
    }

    fn get(&self, number: u64) -> Option<&Known> {
        self.known.iter().find(|life| life.number == number)
    }

    /// Which life wrote a number of the log that `life` has.
    pub(super) fn owner(&self, life: u64, seq: u64) -> u64 {
        let mut owner = life;
        // No chain is longer than there are lives, whatever a peer told.
        for _ in &self.known {
            match self.get(owner) {
                Some(Known { parent: Some(parent), start, .. }) if seq <= *start => owner = *parent,
                _ => break,
            }
        }
        owner
    }

    /// Takes in what the author tells of the lives of its database, the last of which is its present one.
    pub(super) async fn learn(
        &mut self,
        tx: &mut Tx,
        author: &RegionCode,
        stream: &str,
        lineage: &[Life],
    ) -> Result<(), StoreError> {
        if self.tells(lineage) {
            return Ok(());
        }
        let mut parent = None;
        for life in lineage {
            let start = fits("sequence number", life.start)?;
            let number = match self.number(&life.incarnation) {
                Some(number) => {
                    let text = "UPDATE life SET parent = $4, start = $5 WHERE author = $1 AND stream = $2 \
                        AND number = $3 AND parent IS NULL";
                    let statement = sql(LIFE, "noting a life", text).shown(author).text(stream).number(number);
                    statement.maybe_int(signed(parent)).number(start).run(tx.connection()).await?;
                    number
                }
                None => add(tx, author, stream, &life.incarnation, parent, start).await?,
            };
            parent = Some(number);
        }
        *self = Self::read(tx, author, stream).await?;
        self.mark_present(tx, author, stream, lineage).await
    }

    /// Whether this is known already.
    fn tells(&self, lineage: &[Life]) -> bool {
        let mut parent = None;
        lineage.iter().all(|life| {
            let found = self.known.iter().find(|known| known.incarnation == life.incarnation);
            let same = found.is_some_and(|known| known.parent == parent && known.start == life.start);
            parent = found.map(|known| known.number);
            same
        })
    }

    /// Notes up to which number the present log is by each life.
    async fn mark_present(
        &self,
        tx: &mut Tx,
        author: &RegionCode,
        stream: &str,
        lineage: &[Life],
    ) -> Result<(), StoreError> {
        forget_present(tx, author, stream).await?;
        let next = lineage.iter().skip(1).map(|life| signed(Some(life.start))).chain([None]);
        for (life, upto) in lineage.iter().zip(next) {
            let text = "UPDATE life SET upto = $4 WHERE author = $1 AND stream = $2 AND incarnation = $3";
            let statement = sql(LIFE, "noting a life", text).shown(author).text(stream).text(&life.incarnation);
            statement.maybe_int(upto).run(tx.connection()).await?;
        }
        Ok(())
    }
}

fn signed(number: Option<u64>) -> Option<i64> {
    number.map(|number| i64::try_from(number).unwrap_or(i64::MAX))
}

async fn forget_present(tx: &mut Tx, author: &RegionCode, stream: &str) -> Result<(), StoreError> {
    let text = "UPDATE life SET upto = -1 WHERE author = $1 AND stream = $2";
    sql(LIFE, "noting a life", text).shown(author).text(stream).run(tx.connection()).await?;
    Ok(())
}

async fn add(
    tx: &mut Tx,
    author: &RegionCode,
    stream: &str,
    incarnation: &str,
    parent: Option<u64>,
    start: u64,
) -> Result<u64, StoreError> {
    let text = "SELECT MAX(number) AS number FROM life WHERE author = $1 AND stream = $2";
    let last = sql(LIFE, "reading lives", text).shown(author).text(stream).first(tx.connection()).await?;
    let last = last.map(|line| line.maybe_number("number")).transpose()?.flatten().unwrap_or(0);
    let number = fits("number of lives", last.saturating_add(1))?;
    let text = "INSERT INTO life (author, stream, number, incarnation, parent, start) VALUES ($1, $2, $3, $4, $5, $6)";
    let statement = sql(LIFE, "noting a life", text).shown(author).text(stream).number(number).text(incarnation);
    statement.maybe_int(signed(parent)).number(start).run(tx.connection()).await?;
    Ok(number)
}

/// Begins a life that the author's stream goes on with. Until it tells more, its log is taken to be all its own.
///
/// # Errors
/// [`StoreError::Replaced`] if it was known before: another one has taken its place since.
pub(super) async fn begin(tx: &mut Tx, author: &RegionCode, stream: &str, incarnation: &str) -> Result<(), StoreError> {
    let text = "SELECT number FROM life WHERE author = $1 AND stream = $2 AND incarnation = $3";
    let query = sql(LIFE, "reading lives", text).shown(author).text(stream).text(incarnation);
    if query.first(tx.connection()).await?.is_some() {
        return Err(StoreError::Replaced { author: author.clone(), incarnation: incarnation.to_owned() });
    }
    forget_present(tx, author, stream).await?;
    add(tx, author, stream, incarnation, None, 0).await.map(drop)
}

/// Adds a life to this database's own.
pub(crate) async fn live(
    connection: &mut sqlx::AnyConnection,
    incarnation: &str,
    start: u64,
) -> Result<(), StoreError> {
    let text = "INSERT INTO own_life (place, incarnation, start) \
        SELECT COALESCE(MAX(place), 0) + 1, $1, CASE WHEN COALESCE(MAX(start), 0) > $2 THEN MAX(start) ELSE $2 END \
        FROM own_life";
    let statement = sql(OWN_LIFE, "beginning a life", text).text(incarnation).number(fits("sequence number", start)?);
    statement.run(connection).await.map(drop)
}

impl Store {
    /// The lives of this database, the present one last.
    #[boxed]
    pub async fn lineage(&self) -> Result<Vec<Life>, StoreError> {
        let text = "SELECT place, incarnation, start FROM own_life ORDER BY place";
        let life = |line: &Line| Ok(Life { incarnation: line.text("incarnation")?, start: line.number("start")? });
        sql(OWN_LIFE, "reading lives", text).read(&mut *self.reader().await?, life).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log of a life is its own from where it began, and before that its parent's.
    #[test]
    fn who_wrote_a_number() {
        let life = |number, parent, start| Known { number, incarnation: format!("i{number}"), parent, start };
        let lives =
            Lives { known: vec![life(1, None, 0), life(2, Some(1), 3), life(3, Some(2), 5), life(4, Some(1), 3)] };
        let owners = |of| (1..=7).map(|seq| lives.owner(of, seq)).collect::<Vec<_>>();
        assert_eq!(owners(1), [1; 7]);
        assert_eq!(owners(3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(owners(4), [1, 1, 1, 4, 4, 4, 4]);
        assert_eq!(owners(9), [9; 7], "of one that is not known nothing is told");
    }
}
