//! Publishing a draft: what would change, a second person's approval, a signed release, and its roll-out.

pub mod forms;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongpin_domain::catalog::{
    self, Audience, CatalogId, CatalogIndex, Changes, Difference, Entry, Head, Release, SignedRelease, Turnover,
};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::FORMS;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;
use tongpin_proto::packing::Packed;
use tongpin_store::{Application, PackedDifference, Person, Progress};

use crate::boxed;
use crate::error::LinkError;
use crate::history;
use crate::sealed;
use crate::site::Site;

/// What is said where one person drafted and approved, as their bureau allows.
pub const ALONE: &str = "一人经办并审核";

/// Whether who approves may be who drafted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separation {
    /// It must be somebody else.
    TwoPeople,
    /// It may be the same: the bureau has nobody else. The release says so.
    OnePerson,
    /// Nobody is asked for a second person, as with a notice.
    NotAsked,
}

/// Why a draft is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is no draft.
    #[error("no draft of {0}")]
    NoDraft(CatalogId),
    /// The draft is not the one that was approved.
    #[error("the draft of {0} is not the one that was approved")]
    DraftChanged(CatalogId),
    /// The draft is what is published already.
    #[error("the draft of {0} changes nothing")]
    NothingChanges(CatalogId),
    /// The same person drafted and approves.
    #[error("{0} drafted this and cannot approve it")]
    SamePerson(String),
    /// No name of who approves.
    #[error("nobody approves")]
    Nobody,
    /// A child has proven that it holds a newer release than this database, an old copy, which is fetching it back.
    #[error("{child} holds release {held} of {catalog}, this database only {number}")]
    OldCopy {
        /// The catalog.
        catalog: CatalogId,
        /// The child.
        child: RegionCode,
        /// Its release.
        held: u64,
        /// Ours.
        number: u64,
    },
    /// Forms of the draft are wrong, or documents that exist could not be read by them any more.
    #[error(transparent)]
    Forms(#[from] forms::FormsRefused),
    /// Anything below.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl From<tongpin_store::StoreError> for PublishError {
    fn from(error: tongpin_store::StoreError) -> Self {
        Self::Link(error.into())
    }
}

impl Say for PublishError {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::NoDraft(id) => format!("目录 {} 没有待发布的草稿；请先导入或编辑", id.name),
            Self::DraftChanged(id) => {
                format!("目录 {} 的草稿在核对之后有改动，没有发布；请重新核对后再发布", id.name)
            }
            Self::NothingChanges(id) => format!("目录 {} 的草稿与已发布内容相同，无需发布", id.name),
            Self::SamePerson(name) => {
                format!("草稿由 {name} 起草，须由另一人审核发布")
            }
            Self::Nobody => "请用 --by 写明审核人".into(),
            Self::OldCopy { catalog, child, held, number } => format!(
                "{child} 已证实持有目录 {} 的第 {held} 版，本库只有第 {number} 版：本库是旧备份恢复的，正从下级取回，取回后即可发布；\
                 如长时间没有取回，请保持 serve 运行并让各单位连接，或恢复较新的备份",
                catalog.name
            ),
            Self::Forms(refused) => return refused.say(lang),
            Self::Link(error) => return error.say(lang),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// A release that is signed but not committed yet.
#[derive(Debug)]
pub struct Publication {
    /// What would be committed.
    pub signed: SignedRelease,
    /// What it changes.
    pub difference: Difference,
    /// Which draft it was made of.
    pub draft: Digest,
    drafted_at: Moment,
    turnover: Turnover,
    packed: Packed,
    expected_head: u64,
    /// Of a catalog that is amended: what it is once this is committed.
    index: Option<CatalogIndex>,
}

impl Publication {
    /// What the audit log adds where one person drafted and approved.
    #[must_use]
    pub fn alone(&self) -> String {
        let alone = self.signed.release.approved_by.ends_with(ALONE);
        if alone { format!("，{ALONE}") } else { String::new() }
    }
}

/// Catalogs that are amended again and again, each as its last release here left it: one entry more costs what it
/// changes, however many there were before.
#[derive(Debug, Default)]
pub(crate) struct Amended(Mutex<HashMap<CatalogId, (Head, CatalogIndex)>>);

impl Amended {
    /// An index is taken out and put back whole, so that a panic leaves nothing half done.
    fn all(&self) -> MutexGuard<'_, HashMap<CatalogId, (Head, CatalogIndex)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index of a catalog at its head, if it is known here; whoever commits the next release puts that one's back.
    fn take(&self, head: &Head) -> Option<CatalogIndex> {
        self.all().remove(&head.catalog).filter(|(known, _)| known == head).map(|(_, index)| index)
    }

    fn put(&self, head: Head, index: CatalogIndex) {
        self.all().insert(head.catalog.clone(), (head, index));
    }
}

/// What publishing the draft would change.
///
/// # Errors
/// [`PublishError::NoDraft`], or a failing database.
#[boxed]
pub async fn preview(site: &Site, id: &CatalogId) -> Result<Changes, PublishError> {
    let draft = site.store.draft(id).await?.ok_or_else(|| PublishError::NoDraft(id.clone()))?;
    let entries = addressed(site, draft.entries).await?;
    Ok(catalog::compare(&site.store.entries(id).await?, &entries))
}

/// The same entries, each part for the code by which its region's node goes: what a node holds is decided by the code
/// in its certificate, which stays when the division gets another.
async fn addressed(site: &Site, entries: Vec<Entry>) -> Result<Vec<Entry>, PublishError> {
    if !entries.iter().any(|entry| matches!(entry.audience, Audience::Region(_))) {
        return Ok(entries);
    }
    let addresses = site.addresses().await?;
    let mut known: BTreeMap<RegionCode, RegionCode> = BTreeMap::new();
    let mut entries = entries;
    for entry in &mut entries {
        if let Audience::Region(code) = &mut entry.audience {
            let goes_by = known.entry(code.clone()).or_insert_with(|| {
                // Of two nodes that a division has had, the one that joined under the newer code is the present one.
                addresses.of(code).pop().unwrap_or_else(|| code.clone())
            });
            code.clone_from(goes_by);
        }
    }
    Ok(entries)
}

/// Checks and signs the draft as the next release. Whoever approves it must be somebody else than everybody who drafted
/// it, unless one person may do both.
///
/// # Errors
/// Every [`PublishError`].
pub async fn prepare(
    site: &Site,
    id: &CatalogId,
    approver: impl Into<Person>,
    separation: Separation,
) -> Result<Publication, PublishError> {
    let approver = approver.into();
    if approver.name.is_empty() {
        return Err(PublishError::Nobody);
    }
    let draft = site.store.draft(id).await?.ok_or_else(|| PublishError::NoDraft(id.clone()))?;
    let same = draft.people.iter().any(|drafter| drafter.is(&approver));
    if same && separation == Separation::TwoPeople {
        return Err(PublishError::SamePerson(draft.by));
    }
    let alone = if same && separation == Separation::OnePerson { format!("，{ALONE}") } else { String::new() };
    let entries = addressed(site, draft.entries.clone()).await?;
    let signing = Signing {
        drafted_by: draft.by.clone(),
        approved_by: format!("{}{alone}", approver.name),
        note: draft.note.clone(),
    };
    let seen = (draft.digest(), draft.at);
    // The head comes first: what somebody else publishes meanwhile is a conflict then, and no part of what is signed.
    let head = site.store.head(id).await?;
    let published = site.store.entries(id).await?;
    let difference = catalog::difference(&published, &entries, number_after(head.as_ref()));
    if id.name == FORMS {
        let refused = forms::refused(&site.store, id, &difference.upserts).await?;
        if !refused.0.is_empty() {
            return Err(refused.into());
        }
    }
    let publication = signed(site, id, head, signing, seen, difference, CatalogIndex::new(&published)).await?;
    Ok(Publication { index: None, ..publication })
}

fn number_after(head: Option<&Head>) -> u64 {
    head.map_or(0, |head| head.number).saturating_add(1)
}

/// Signs the next release of a catalog that nobody drafts, with these entries new or in the place of those of their
/// keys: what one person decides, and what sets no rule. `release` in them is set here.
///
/// # Errors
/// Every [`PublishError`].
#[boxed]
pub async fn amend(
    site: &Site,
    id: &CatalogId,
    by: &Person,
    note: &str,
    entries: Vec<Entry>,
) -> Result<Publication, PublishError> {
    let mut upserts = addressed(site, entries).await?;
    upserts.sort_by(|a, b| a.key.cmp(&b.key));
    amended(site, id, by, note, Difference { upserts, removals: Vec::new() }).await
}

/// The same of entries that are taken away: those of the catalog under these keys, sorted.
///
/// # Errors
/// Every [`PublishError`].
#[boxed]
pub async fn withdraw(
    site: &Site,
    id: &CatalogId,
    by: &Person,
    note: &str,
    removals: Vec<String>,
) -> Result<Publication, PublishError> {
    amended(site, id, by, note, Difference { upserts: Vec::new(), removals }).await
}

async fn amended(
    site: &Site,
    id: &CatalogId,
    by: &Person,
    note: &str,
    Difference { upserts, removals }: Difference,
) -> Result<Publication, PublishError> {
    let signing = Signing { drafted_by: by.name.clone(), approved_by: by.name.clone(), note: note.to_owned() };
    let head = site.store.head(id).await?;
    let index = match head.as_ref().and_then(|head| site.amended.take(head)) {
        Some(index) => index,
        None => CatalogIndex::new(&site.store.entries(id).await?),
    };
    let release = number_after(head.as_ref());
    let upserts = upserts.into_iter().map(|entry| Entry { release, ..entry }).collect();
    let difference = Difference { upserts, removals };
    signed(site, id, head, signing, (Digest::NONE, site.now()), difference, index).await
}

/// Who stands under a release, and what it says of itself.
struct Signing {
    drafted_by: String,
    approved_by: String,
    note: String,
}

/// Signs a release that follows a head; `index` is what the catalog is there.
async fn signed(
    site: &Site,
    id: &CatalogId,
    head: Option<Head>,
    Signing { drafted_by, approved_by, note }: Signing,
    (draft, drafted_at): (Digest, Moment),
    difference: Difference,
    mut index: CatalogIndex,
) -> Result<Publication, PublishError> {
    let number = number_after(head.as_ref());
    let held = head.as_ref().map_or(0, |head| head.number);
    refuse_old_copy(site, id, held).await?;
    if difference.is_empty() && held > 0 {
        return Err(PublishError::NothingChanges(id.clone()));
    }
    let turnover = index.apply(&difference);
    let release = Release {
        catalog: id.clone(),
        number,
        previous: head.map_or(Digest::NONE, |head| head.digest),
        parts: index.parts(),
        drafted_by,
        approved_by,
        note,
        signed_at: site.now(),
    };
    let signed = sealed::seal_release(&site.identity(), release).map_err(LinkError::from)?;
    // What is packed here is kept, and is what travels: a release is packed once, whoever many nodes need it.
    let packed = history::pack(difference.clone()).await?;
    let index = Some(index);
    Ok(Publication { signed, difference, draft, drafted_at, turnover, packed, expected_head: held, index })
}

/// A number under which a signed release is known to exist must not be given to other content: it is on its way back
/// from the children that hold it.
async fn refuse_old_copy(site: &Site, id: &CatalogId, number: u64) -> Result<(), PublishError> {
    // What a child merely says is no proof: its state is that of a claim, and keeps nobody from publishing.
    let ahead = site
        .store
        .child_states()
        .await?
        .into_iter()
        .find(|state| state.catalog == *id && state.progress == Progress::Applied && state.number > number);
    match ahead {
        None => Ok(()),
        Some(state) => {
            Err(PublishError::OldCopy { catalog: id.clone(), child: state.region, held: state.number, number })
        }
    }
}

/// Commits a prepared release and rolls it out to `regions`, or to everybody.
///
/// # Errors
/// Another release was published meanwhile, or the database cannot be written.
#[boxed]
pub async fn commit(
    site: &Arc<Site>,
    publication: Publication,
    regions: Option<&[RegionCode]>,
) -> Result<SignedRelease, PublishError> {
    let Publication { signed, difference, drafted_at, turnover, packed, expected_head, index, .. } = publication;
    let application = Application {
        releases: std::slice::from_ref(&signed),
        difference: &difference,
        turnover: &turnover,
        packed: PackedDifference { data: &packed.data, raw_length: packed.raw_length },
        full: false,
        staged: false,
        expected_head,
        at: site.now(),
    };
    let head = site.store.publish(&application, regions, drafted_at).await?;
    if let Some(index) = index {
        site.amended.put(head, index);
    }
    tracing::info!(catalog = %signed.release.catalog, number = signed.release.number, "a release was published");
    Ok(signed)
}
