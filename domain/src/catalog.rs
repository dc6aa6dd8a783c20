//! Catalogs and releases: what a publisher shares, and how anyone can check that they hold exactly that.
//!
//! A release is frozen: its JSON is signed, and the same bytes are stored and sent. Fields may be added, never changed.

pub mod advance;
pub mod changed;
mod index;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::moment::Moment;
use crate::region::RegionCode;

pub use advance::{Advance, Turnover};
pub use index::CatalogIndex;

/// The catalogs this version knows by name. Others are kept and passed on untouched.
pub const KNOWN: [&str; 10] = [
    "rules",
    crate::form::FORMS,
    "procedures",
    "indicators",
    "experts",
    "regions",
    "funds",
    crate::calendar::CALENDARS,
    "collections",
    crate::guidance::NOTICES,
];

/// What a catalog of [`KNOWN`] is called (目录名称); `None` for another.
#[must_use]
pub fn title(name: &str) -> Option<&'static str> {
    Some(match name {
        "rules" => "制度与规则",
        crate::form::FORMS => "表单",
        crate::form::SUPPLEMENTS => "本级增补",
        crate::form::VERDICTS => "审核意见",
        crate::form::TRIALS => "表单影响测算",
        crate::calendar::CALENDARS => "节假日与调休",
        "procedures" => "流程与时间表",
        "indicators" => "指标库",
        "experts" => "专家库",
        "regions" => "区划",
        "funds" => "专项转移支付",
        "collections" => "归集任务",
        crate::guidance::NOTICES => "通知与答复",
        _ => return None,
    })
}

/// A catalog of one publisher: who keeps it, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CatalogId {
    /// The region whose bureau publishes it.
    pub publisher: RegionCode,
    /// `rules`, `indicators` …
    pub name: String,
}

impl CatalogId {
    /// Names a catalog.
    #[must_use]
    pub fn new(publisher: RegionCode, name: impl Into<String>) -> Self {
        Self { publisher, name: name.into() }
    }
}

impl fmt::Display for CatalogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.publisher, self.name)
    }
}

/// Whom a part of a release is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// 全市共享: written `*`.
    Everyone,
    /// 仅本级: written `-`; counted in the release, never sent.
    PublisherOnly,
    /// One region and all within it: written as its code.
    Region(RegionCode),
}

impl Audience {
    /// Whether a node of this region holds the part: it is addressed, or a region within it is, for whom it relays.
    #[must_use]
    pub fn reaches(&self, region: &RegionCode) -> bool {
        match self {
            Self::Everyone => true,
            Self::PublisherOnly => false,
            Self::Region(code) => code.on_one_line_with(region),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::PublisherOnly => f.write_str("-"),
            Self::Region(code) => code.fmt(f),
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = crate::region::NotARegion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "*" => Ok(Self::Everyone),
            "-" => Ok(Self::PublisherOnly),
            _ => RegionCode::new(&text).map(Self::Region),
        }
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

/// One entry of a catalog as it stands in a release. Its body is kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unique within the catalog: an indicator code, a rule set's name …
    pub key: String,
    /// The part it belongs to.
    pub audience: Audience,
    /// The release that brought this version of the entry: its version number.
    pub release: u64,
    /// A JSON object.
    pub body: String,
}

impl Entry {
    /// What the part's digest is computed from: key, version and body.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts([self.key.as_bytes(), &self.release.to_be_bytes(), self.body.as_bytes()])
    }
}

/// One part of a release: how many entries an audience gets, and the digest over them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Whom it is for.
    pub audience: Audience,
    /// Number of entries.
    pub count: u64,
    /// See [`CatalogIndex`].
    pub digest: Digest,
}

/// One numbered, immutable state of a catalog: the content that its publisher signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The catalog.
    #[serde(flatten)]
    pub catalog: CatalogId,
    /// 1, 2, 3 … without gaps.
    pub number: u64,
    /// The digest of the signed bytes of the release before it, [`Digest::NONE`] for the first.
    pub previous: Digest,
    /// One part per audience, sorted by audience.
    pub parts: Vec<Part>,
    /// 经办: who drafted it.
    pub drafted_by: String,
    /// 审核: who approved it.
    pub approved_by: String,
    /// What changed, for readers.
    pub note: String,
    /// When it was signed.
    pub signed_at: Moment,
}

/// A release and the bytes that were signed. `digest` is over `payload`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRelease {
    /// The parsed content.
    pub release: Release,
    /// The digest of the signed payload: what the next release names as `previous`.
    pub digest: Digest,
    /// The signed envelope as stored and sent: payload, signature and the signer's certificates.
    pub envelope: Vec<u8>,
}

/// Where a holder of a catalog stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The catalog.
    #[serde(flatten)]
    pub catalog: CatalogId,
    /// The newest release held.
    pub number: u64,
    /// Its digest.
    pub digest: Digest,
}

/// What turns one state of a catalog into another, for one set of audiences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Entries that are new or have a new version.
    pub upserts: Vec<Entry>,
    /// Keys that are no longer there.
    pub removals: Vec<String>,
}

impl Difference {
    /// How many entries it touches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.upserts.len() + self.removals.len()
    }

    /// True if it touches nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a publication would change, for the preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Keys that are new.
    pub added: Vec<String>,
    /// Keys whose body or audience changed.
    pub changed: Vec<String>,
    /// Keys that would go.
    pub retired: Vec<String>,
}

impl Changes {
    /// True if publishing would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.retired.is_empty()
    }
}

/// Compares the published entries with a draft (body and audience by key). Sorted by key; equal input, equal output.
#[must_use]
pub fn compare(published: &[Entry], draft: &[Entry]) -> Changes {
    let before: BTreeMap<&str, &Entry> = published.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let after: BTreeMap<&str, &Entry> = draft.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let mut changes = Changes::default();
    for (key, entry) in &after {
        match before.get(key) {
            None => changes.added.push((*key).to_owned()),
            Some(old) if old.body != entry.body || old.audience != entry.audience => {
                changes.changed.push((*key).to_owned());
            }
            Some(_) => {}
        }
    }
    changes.retired = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (*key).to_owned()).collect();
    changes
}

/// The difference that publishing a draft as release `number` makes.
#[must_use]
pub fn difference(published: &[Entry], draft: &[Entry], number: u64) -> Difference {
    let changes = compare(published, draft);
    let touched: std::collections::BTreeSet<&String> = changes.added.iter().chain(&changes.changed).collect();
    let mut upserts: Vec<Entry> = draft
        .iter()
        .filter(|entry| touched.contains(&entry.key))
        .map(|entry| Entry { release: number, ..entry.clone() })
        .collect();
    upserts.sort_by(|a, b| a.key.cmp(&b.key));
    Difference { upserts, removals: changes.retired }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part reaches the region it names, those inside it, and those that relay to it; `-` reaches nobody.
    #[test]
    fn audiences() {
        let region = |text: &str| RegionCode::new(text).expect("a code");
        let county = Audience::Region(region("320581"));
        assert!(county.reaches(&region("320581")));
        assert!(county.reaches(&region("320581101")));
        assert!(county.reaches(&region("320500")));
        assert!(!county.reaches(&region("320582")));
        assert!(!Audience::PublisherOnly.reaches(&region("320581")));
        assert!(Audience::Everyone.reaches(&region("320582")));
    }
}
