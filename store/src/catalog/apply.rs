//! Switching a catalog to a new release: everything in one transaction, so that nobody ever sees half a library.

use std::collections::BTreeMap;

use tongpin_domain::catalog::{Audience, CatalogId, Difference, Entry, Head, SignedRelease, Turnover};
use tongpin_domain::form::{FORMS, SUPPLEMENTS};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use super::{ENTRY, PackedDifference, RELEASE, draft, head_of};
use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{fits, listed, rows_alike, run_pieces, sql};
use crate::topic::Topic;
use crate::{form, planned, rollout, staging};

/// A checked difference, ready to be applied.
#[derive(Debug, Clone, Copy)]
pub struct Application<'a> {
    /// The releases it leads through, ascending; the last becomes the head. All of one catalog.
    pub releases: &'a [SignedRelease],
    /// What changes. With `full`, the upserts are all that is to be there.
    pub difference: &'a Difference,
    /// What the difference alone does not tell.
    pub turnover: &'a Turnover,
    /// The difference as it was packed.
    pub packed: PackedDifference<'a>,
    /// Replace everything that is held.
    pub full: bool,
    /// Whether pieces of a transfer were staged for the catalog, which are not needed any more.
    pub staged: bool,
    /// The head that the difference starts from, 0 for none.
    pub expected_head: u64,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Applies a difference in one transaction and returns the new head.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the head is not the expected one, or no release is given.
    #[boxed]
    pub async fn apply(&self, application: &Application<'_>) -> Result<Head, StoreError> {
        let mut tx = self.begin().await?;
        let head = switch(&mut tx, application).await?;
        tx.commit().await?;
        Ok(self.followed(head).await)
    }

    /// What needs not be done in the transaction of a release, because it would keep others from writing for too long.
    /// The release holds whatever becomes of it: what fails stays noted as waiting, and goes on when
    /// [`Store::list_waiting`] is called the next time.
    async fn followed(&self, head: Head) -> Head {
        if [FORMS, SUPPLEMENTS].contains(&head.catalog.name.as_str()) {
            drop(self.list_waiting().await);
        }
        head
    }

    /// Applies a publisher's own release, rolls it out to some regions or (`None`) to everybody, and ends its draft and
    /// what was planned for it, all in one transaction. A draft that somebody went on with since `drafted_at`, when it
    /// was read, stays: what was typed in between is not lost.
    ///
    /// # Errors
    /// As [`Store::apply`].
    #[boxed]
    pub async fn publish(
        &self,
        application: &Application<'_>,
        regions: Option<&[RegionCode]>,
        drafted_at: Moment,
    ) -> Result<Head, StoreError> {
        let mut tx = self.begin().await?;
        let head = switch(&mut tx, application).await?;
        rollout::allow(&mut tx, &head.catalog, head.number, regions, application.at).await?;
        draft::end(&mut tx, &head.catalog, Some(drafted_at)).await?;
        planned::end(&mut tx, &head.catalog).await?;
        tx.touch(Topic::Draft(head.catalog.clone()));
        tx.commit().await?;
        Ok(self.followed(head).await)
    }
}

async fn switch(tx: &mut Tx, application: &Application<'_>) -> Result<Head, StoreError> {
    let expected = application.expected_head;
    let Some(last) = application.releases.last() else {
        return Err(StoreError::Conflict { what: "an empty list of releases".into(), expected, found: 0 });
    };
    let id = &last.release.catalog;
    tx.lock(&format!("catalog {id}")).await?;
    tx.touch(Topic::Catalog(id.clone()));
    let fresh: Vec<&SignedRelease> =
        application.releases.iter().filter(|signed| signed.release.number > expected).collect();
    for (place, signed) in fresh.iter().enumerate() {
        let last = place + 1 == fresh.len();
        let follows = record(tx, signed, application, place == 0, last).await?;
        if !follows {
            return Err(conflict(tx, id, expected).await?);
        }
    }
    if fresh.is_empty() {
        return Err(conflict(tx, id, expected).await?);
    }
    let leaving = form::leaving(tx, id, application).await?;
    if expected > 0 {
        remove(tx, id, application).await?;
    }
    insert(tx, id, &application.difference.upserts).await?;
    form::follow(tx, id, &application.difference.upserts, &leaving, application.at).await?;
    if application.staged {
        staging::clear(tx, id).await?;
    }
    Ok(Head { catalog: id.clone(), number: last.release.number, digest: last.digest })
}

async fn conflict(tx: &mut Tx, id: &CatalogId, expected: u64) -> Result<StoreError, StoreError> {
    let found = head_of(tx.connection(), id).await?.map_or(0, |head| head.number);
    Ok(StoreError::Conflict { what: id.to_string(), expected, found })
}

/// Deletes what is removed: with `full`, everything that is not named.
async fn remove(tx: &mut Tx, id: &CatalogId, application: &Application<'_>) -> Result<(), StoreError> {
    let difference = application.difference;
    let (which, keys): (_, Vec<&str>) = if application.full {
        ("NOT IN", difference.upserts.iter().map(|entry| entry.key.as_str()).collect())
    } else {
        ("IN", difference.removals.iter().map(String::as_str).collect())
    };
    if keys.is_empty() && !application.full {
        return Ok(());
    }
    let listed = listed(tx.kind(), 3);
    let text = format!("DELETE FROM catalog_entry WHERE publisher = $1 AND catalog = $2 AND key {which} {listed}");
    let statement = sql(ENTRY, "removing entries", text).shown(&id.publisher).text(&id.name);
    statement.list(&keys).run(tx.connection()).await?;
    Ok(())
}

/// Writes versions in the place of those before them.
async fn insert(tx: &mut Tx, id: &CatalogId, entries: &[Entry]) -> Result<(), StoreError> {
    let mut alike: BTreeMap<(u64, &Audience), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        alike.entry((entry.release, &entry.audience)).or_default().push(entry);
    }
    for ((release, audience), rows) in alike {
        let database = tx.kind();
        let statement = |chunk: &[&Entry]| {
            let text = format!(
                "INSERT INTO catalog_entry (key, body, publisher, catalog, release, audience) {} \
                 ON CONFLICT (publisher, catalog, key) \
                 DO UPDATE SET release = excluded.release, audience = excluded.audience, body = excluded.body",
                rows_alike(database, chunk.len(), 2, 4)
            );
            let statement = sql(ENTRY, "writing entries", text);
            let statement = chunk.iter().fold(statement, |statement, row| statement.text(&row.key).text(&row.body));
            let statement = statement.shown(&id.publisher).text(&id.name).number(fits("release number", release)?);
            Ok(statement.shown(audience))
        };
        run_pieces(tx.connection(), &rows, statement).await?;
    }
    Ok(())
}

/// Writes a release, the last one with the advance that led to it, and says whether it did: the first one only follows
/// the head that is expected.
async fn record(
    tx: &mut Tx,
    signed: &SignedRelease,
    application: &Application<'_>,
    first: bool,
    last: bool,
) -> Result<bool, StoreError> {
    let release = &signed.release;
    let number = fits("release number", release.number)?;
    let json = |column, text: serde_json::Result<String>| {
        text.map_err(|error| StoreError::Inconsistent {
            table: RELEASE,
            column,
            row: format!("{}/{number}", release.catalog),
            problem: error.to_string(),
        })
    };
    let expected = application.expected_head;
    let guard = if first {
        "WHERE (SELECT COALESCE(MAX(r.number), 0) FROM catalog_release AS r WHERE r.publisher = $1 AND r.catalog = $2) \
         = $13"
    } else {
        ""
    };
    let text = format!(
        "INSERT INTO catalog_release (publisher, catalog, number, digest, previous, applied_at, manifest, envelope, \
         from_number, raw_length, turnover, packed) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 {guard}"
    );
    let statement = sql(RELEASE, "writing a release", text).shown(&release.catalog.publisher);
    let statement = statement.text(&release.catalog.name).number(number);
    let statement = statement.digest(&signed.digest).digest(&release.previous).moment(application.at);
    let manifest = json("manifest", serde_json::to_string(release))?;
    let statement = statement.text(&manifest).bytes(&signed.envelope);
    let statement = if last {
        let from = if application.full { 0 } else { expected };
        // From nothing on everything is new: saying so of each entry would only be long.
        let turnover = if from == 0 { &Turnover::default() } else { application.turnover };
        let turnover = json("turnover", serde_json::to_string(turnover))?;
        let raw_length = fits("length", application.packed.raw_length)?;
        statement.number(from).number(raw_length).text(&turnover).bytes(application.packed.data)
    } else {
        statement.maybe_int(None).maybe_int(None).maybe_text(None).maybe_bytes(None)
    };
    let statement = if first { statement.number(expected) } else { statement };
    Ok(statement.run(tx.connection()).await? == 1)
}
