//! The parent's side: what it holds of a child that the child's database does not know, in messages of bounded size,
//! and what was decided here about such records.

use std::collections::HashSet;

use prost::Message as _;
use tongpin_domain::region::{self, RegionCode};
use tongpin_proto::v1;
use tongpin_store::{Choice, Difference};

use crate::downlink;
use crate::error::LinkError;
use crate::sealed;
use crate::site::Site;

/// The bytes after which a message ends.
const FILL: usize = 2 * 1024 * 1024;

/// The messages of an answer being put together.
#[derive(Default)]
pub(crate) struct Answers {
    whole: Vec<v1::Returned>,
    last: v1::Returned,
    filled: usize,
}

impl Answers {
    /// Answers a child that asks.
    ///
    /// # Errors
    /// The child's database was replaced by another one, or this one cannot be read.
    pub(crate) async fn to(
        site: &Site,
        child: &RegionCode,
        recall: v1::Recall,
    ) -> Result<Vec<v1::Returned>, LinkError> {
        let mut answers = Self::default();
        if region::records_go_up(child, &site.region()) {
            site.store.begin_life(child, &downlink::lineage(recall.lineage)?).await?;
            answers.add_records(site, child).await?;
        }
        for envelope in site.store.reports_of(child).await? {
            answers.add_report(sealed::decode(&envelope)?);
        }
        Ok(answers.finish())
    }

    /// The same without being asked, for a child that is only met by files: `None` if nothing differs.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn by_file(site: &Site, child: &RegionCode) -> Result<Option<Vec<v1::Returned>>, LinkError> {
        let mut answers = Self::default();
        answers.add_records(site, child).await?;
        Ok((answers.filled > 0).then(|| answers.finish()))
    }

    async fn add_records(&mut self, site: &Site, child: &RegionCode) -> Result<(), LinkError> {
        let counts = site.store.record_counts().await?;
        let counts = counts.iter().filter(|count| count.author == *child);
        self.last.records = counts.map(|count| count.sound.saturating_add(count.aside)).sum();
        for difference in site.store.differences(child).await? {
            self.add_record(held(Difference { choice: None, ..difference }));
        }
        Ok(())
    }

    fn add_record(&mut self, held: v1::Held) {
        self.room_for(held.encoded_len());
        self.last.held.push(held);
    }

    fn add_report(&mut self, report: v1::Signed) {
        self.room_for(report.encoded_len());
        self.last.reports.push(report);
    }

    fn room_for(&mut self, length: usize) {
        if self.filled > 0 && self.filled.saturating_add(length) > FILL {
            let records = self.last.records;
            let full = std::mem::replace(&mut self.last, v1::Returned { records, ..v1::Returned::default() });
            self.whole.push(full);
            self.filled = 0;
        }
        self.filled = self.filled.saturating_add(length);
    }

    fn finish(mut self) -> Vec<v1::Returned> {
        self.last.complete = true;
        self.whole.push(self.last);
        self.whole
    }
}

/// What was decided here about a child's records and the child has not carried out.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn decisions(site: &Site, child: &RegionCode) -> Result<Vec<v1::Held>, LinkError> {
    let differences = site.store.differences(child).await?;
    Ok(differences.into_iter().filter(|it| it.choice.is_some()).map(held).collect())
}

/// The decisions that were told in a link, each once.
#[derive(Default)]
pub(crate) struct Decisions(HashSet<(String, String, String, u64)>);

impl Decisions {
    /// Those that were not told yet.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn fresh(&mut self, site: &Site, child: &RegionCode) -> Result<Vec<v1::Returned>, LinkError> {
        let mut fresh = Vec::new();
        for held in decisions(site, child).await? {
            if self.0.insert((held.kind.clone(), held.key.clone(), held.choice.clone(), held.seen)) {
                fresh.push(v1::Returned { held: vec![held], ..v1::Returned::default() });
            }
        }
        Ok(fresh)
    }
}

fn held(it: Difference) -> v1::Held {
    v1::Held {
        kind: it.kind,
        key: it.key,
        body: it.here.map(|body| body.into_bytes().into()),
        written: Some(v1::Written { incarnation: it.here_written.incarnation, number: it.here_written.number }),
        choice: it.choice.map(Choice::word).unwrap_or_default().to_owned(),
        seen: it.there.map_or(0, |there| if there.body.is_some() { there.written.number } else { 0 }),
    }
}
