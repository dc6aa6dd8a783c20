//! Whom this node lets in: its children, their certificates, and when they were last heard of.

mod certificate;
mod invitation;

use tongpin_domain::digest::Digest;
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

pub use certificate::Certificate;
pub use invitation::{Invitation, Redeemed};

use crate::boxed;
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sql::{Line, pieces, sql, tuples};
use crate::topic::Topic;

const CHILD: &str = "child";
const COLUMNS: &str = "region, status, serial, fingerprint, not_after, software, incarnation, last_contact, \
    clock_offset_ms, disk_free, address, twin_at, twin_address";

/// How a child stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildStatus {
    /// 已邀请: it has not joined yet.
    Invited,
    /// 已接入
    Active,
    /// 已吊销
    Revoked,
}

impl ChildStatus {
    /// The word that is stored and shown in machine-readable output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Revoked].into_iter().find(|status| status.word() == word)
    }
}

/// A node one level below, as far as this node knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Its region.
    pub region: RegionCode,
    /// How it stands.
    pub status: ChildStatus,
    /// The serial number of its current certificate, empty before the first.
    pub serial: String,
    /// That certificate's fingerprint.
    pub fingerprint: Option<Digest>,
    /// When that certificate ends.
    pub not_after: Option<Moment>,
    /// The version of its program.
    pub software: String,
    /// The incarnation of its database.
    pub incarnation: String,
    /// When it was last heard of.
    pub last_contact: Option<Moment>,
    /// How far its clock was ahead then, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Free bytes on its disk then.
    pub disk_free: Option<u64>,
    /// Where it called from, or the address it was invited to.
    pub address: String,
    /// A second machine that bears its identity, and was turned away.
    pub twin: Option<Twin>,
}

/// A second machine with the identity of one that is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// When it was turned away last.
    pub at: Moment,
    /// Where it called from.
    pub address: String,
}

/// What a child says of itself when it calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The child.
    pub region: RegionCode,
    /// When it called.
    pub at: Moment,
    /// The version of its program.
    pub software: String,
    /// The incarnation of its database.
    pub incarnation: String,
    /// How far its clock is ahead, in milliseconds, if known.
    pub clock_offset_ms: Option<i64>,
    /// Free bytes on its disk, if known.
    pub disk_free: Option<u64>,
    /// Where it called from.
    pub address: String,
}

fn child(line: &Line) -> Result<Child, StoreError> {
    Ok(Child {
        region: line.region("region")?,
        status: line.word("status", ChildStatus::read)?,
        serial: line.text("serial")?,
        fingerprint: line.maybe_digest("fingerprint")?,
        not_after: line.maybe_moment("not_after")?,
        software: line.text("software")?,
        incarnation: line.text("incarnation")?,
        last_contact: line.maybe_moment("last_contact")?,
        clock_offset_ms: line.maybe_int("clock_offset_ms")?,
        disk_free: line.maybe_number("disk_free")?,
        address: line.text("address")?,
        twin: twin(line)?,
    })
}

fn twin(line: &Line) -> Result<Option<Twin>, StoreError> {
    let Some(at) = line.maybe_moment("twin_at")? else { return Ok(None) };
    Ok(Some(Twin { at, address: line.maybe_text("twin_address")?.unwrap_or_default() }))
}

/// Makes sure that there is a row for a region; what is there stays.
pub(crate) async fn introduce(tx: &mut Tx, region: &RegionCode, address: &str) -> Result<(), StoreError> {
    let text = "INSERT INTO child (region, status, serial, software, incarnation, address) \
        VALUES ($1, $2, '', '', '', $3) ON CONFLICT (region) DO NOTHING";
    let statement = sql(CHILD, "noting a child", text).shown(region).text(ChildStatus::Invited.word());
    statement.text(address).run(tx.connection()).await?;
    Ok(())
}

impl Store {
    /// All children, sorted by region.
    #[boxed]
    pub async fn children(&self) -> Result<Vec<Child>, StoreError> {
        let query = sql(CHILD, "reading children", format!("SELECT {COLUMNS} FROM child ORDER BY region"));
        query.read(&mut *self.reader().await?, child).await
    }

    /// Notes that a second machine with a child's identity was turned away.
    #[boxed]
    pub async fn note_twin(&self, region: &RegionCode, twin: &Twin) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let text = "UPDATE child SET twin_at = $2, twin_address = $3 WHERE region = $1";
        let statement = sql(CHILD, "noting a second machine", text).shown(region).moment(twin.at);
        statement.text(&twin.address).run(tx.connection()).await?;
        tx.touch(Topic::Child(region.clone()));
        tx.commit().await
    }

    /// One child.
    #[boxed]
    pub async fn child(&self, region: &RegionCode) -> Result<Option<Child>, StoreError> {
        let query = sql(CHILD, "reading a child", format!("SELECT {COLUMNS} FROM child WHERE region = $1"));
        query.shown(region).first(&mut *self.reader().await?).await?.as_ref().map(child).transpose()
    }
}

/// Notes that children were heard of. What one did not say stays as it was; a region that is no child is ignored.
pub(crate) async fn note(tx: &mut Tx, contacts: &[Contact]) -> Result<(), StoreError> {
    for chunk in pieces(contacts) {
        let text = format!(
            "UPDATE child SET last_contact = v.column2, software = v.column3, incarnation = v.column4, \
             clock_offset_ms = COALESCE(v.column5, clock_offset_ms), disk_free = COALESCE(v.column6, disk_free), \
             address = v.column7 FROM (VALUES {}) AS v WHERE child.region = v.column1",
            tuples(tx.kind(), chunk.len(), 7)
        );
        let mut statement = sql(CHILD, "noting contacts", text);
        for contact in chunk {
            // What a child says of itself is shown and nothing more: a number beyond all disks is shown as the largest.
            let disk_free = contact.disk_free.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
            statement = statement.shown(&contact.region).moment(contact.at).text(&contact.software);
            statement = statement.text(&contact.incarnation).maybe_int(contact.clock_offset_ms).maybe_int(disk_free);
            statement = statement.text(&contact.address);
        }
        statement.run(tx.connection()).await?;
    }
    Ok(())
}
