//! Synchronizing, the pure part: compare what a child has with what it should have, plan what to send, and check
//! what arrives. Equal input gives an equal plan; planning again after applying gives nothing.

use std::collections::BTreeMap;

use crate::catalog::{CatalogId, CatalogIndex, Difference, Head, Part, Release, SignedRelease};
use crate::digest::Digest;
use crate::lang::{Lang, Say};
use crate::region::RegionCode;

/// What a parent does about one catalog of one child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send what leads from release `from` (0: everything) to release `to`.
    Send {
        /// The catalog.
        catalog: CatalogId,
        /// The release that the child's content is at, 0 to replace it.
        from: u64,
        /// The release it should have.
        to: u64,
    },
    /// The child has a newer release than the parent: the parent's database is an old one. A person must look.
    Ahead {
        /// The catalog.
        catalog: CatalogId,
        /// The child's release.
        child: u64,
        /// The parent's release, 0 for none.
        parent: u64,
    },
    /// The child's release bears a known number and another digest. A person must look.
    Diverged {
        /// The catalog.
        catalog: CatalogId,
        /// The number that both have.
        number: u64,
    },
}

/// Plans what brings a child to where it should be, sorted by catalog.
///
/// `should` is what has been rolled out to the child, `has` what it says it holds, `known` the digest of any release
/// at the parent. Catalogs of which the child was given nothing yet are left alone.
pub fn plan(should: &[Head], has: &[Head], known: impl Fn(&CatalogId, u64) -> Option<Digest>) -> Vec<Step> {
    let held: BTreeMap<&CatalogId, &Head> = has.iter().map(|head| (&head.catalog, head)).collect();
    let due: BTreeMap<&CatalogId, &Head> = should.iter().map(|head| (&head.catalog, head)).collect();
    due.into_iter().filter_map(|(catalog, target)| step(catalog, target, held.get(catalog).copied(), &known)).collect()
}

fn step(
    catalog: &CatalogId,
    target: &Head,
    held: Option<&Head>,
    known: impl Fn(&CatalogId, u64) -> Option<Digest>,
) -> Option<Step> {
    let catalog = catalog.clone();
    let Some(held) = held.filter(|head| head.number > 0) else {
        return (target.number > 0).then_some(Step::Send { catalog, from: 0, to: target.number });
    };
    match known(&catalog, held.number) {
        // A child may rightly be ahead of what is rolled out to it now, but not of what its parent knows at all.
        None => Some(Step::Ahead { catalog, child: held.number, parent: target.number }),
        Some(digest) if digest != held.digest => Some(Step::Diverged { catalog, number: held.number }),
        Some(_) if target.number <= held.number => None,
        Some(_) => Some(Step::Send { catalog, from: held.number, to: target.number }),
    }
}

/// Why a node does not take a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The number is not above the one held.
    #[error("release {offered} is not above release {held}")]
    Rollback {
        /// The number held.
        held: u64,
        /// The number offered.
        offered: u64,
    },
    /// A release does not name the one before it.
    #[error("release {number} does not continue the chain")]
    Chain {
        /// The first release that does not fit.
        number: u64,
    },
    /// The difference starts elsewhere than where this node is.
    #[error("the difference starts at release {from}, this node is at {held}")]
    Start {
        /// Where the difference starts.
        from: u64,
        /// Where this node is.
        held: u64,
    },
    /// The signature does not hold, or the signer is not the publisher.
    #[error("the signature of release {number} does not hold: {reason}")]
    Signature {
        /// The release.
        number: u64,
        /// What was wrong.
        reason: String,
    },
    /// Count or digest of a part differ from what was signed.
    #[error("the part for {audience} differs from what was signed in release {number}")]
    Content {
        /// The release.
        number: u64,
        /// The part.
        audience: String,
    },
    /// The message cannot be read.
    #[error("the transfer cannot be read: {reason}")]
    Malformed {
        /// What was wrong.
        reason: String,
    },
    /// The node could not store it.
    #[error("the node could not store it: {reason}")]
    Storage {
        /// What was wrong.
        reason: String,
    },
}

impl Refusal {
    /// The code that travels and stays in logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rollback { .. } => "ROLLBACK",
            Self::Chain { .. } => "CHAIN",
            Self::Start { .. } => "START",
            Self::Signature { .. } => "SIGNATURE",
            Self::Content { .. } => "CONTENT",
            Self::Malformed { .. } => "MALFORMED",
            Self::Storage { .. } => "STORAGE",
        }
    }

    /// Whether sending everything instead of a difference may help.
    #[must_use]
    pub fn wants_everything(code: &str) -> bool {
        matches!(code, "START" | "CONTENT")
    }
}

impl Say for Refusal {
    fn say(&self, lang: Lang) -> String {
        let zh = match self {
            Self::Rollback { held, offered } => {
                format!("收到的版本 {offered} 不高于现有版本 {held}，已拒收；如需撤回，请上级以新版本号重新发布")
            }
            Self::Chain { number } => format!("版本 {number} 与已知的版本链不衔接，已拒收；请上级核对发布记录"),
            Self::Start { from, held } => format!("差异从版本 {from} 起算，本级在版本 {held}，将改为整体接收"),
            Self::Signature { number, reason } => {
                format!("版本 {number} 的签名无效（{reason}），已拒收；请联系上级核实")
            }
            Self::Content { number, audience } => {
                format!("版本 {number} 中 {audience} 部分的内容与签名不符，已拒收，将重新接收全部内容")
            }
            Self::Malformed { reason } => format!("收到的内容无法识别（{reason}），已拒收；请核对双方软件版本"),
            Self::Storage { reason } => format!("本级无法保存（{reason}）；请检查磁盘空间后重试"),
        };
        lang.pick(&zh, &self.to_string()).to_owned()
    }
}

/// Checks that releases lead from the head held to the last of them, and returns the last.
///
/// # Errors
/// [`Refusal::Rollback`] and [`Refusal::Chain`].
pub fn check_chain<'a>(
    catalog: &CatalogId,
    held: Option<&Head>,
    releases: &'a [SignedRelease],
) -> Result<&'a SignedRelease, Refusal> {
    let Some(last) = releases.last() else {
        return Err(Refusal::Malformed { reason: "no release".into() });
    };
    let held_number = held.map_or(0, |head| head.number);
    if last.release.number <= held_number {
        return Err(Refusal::Rollback { held: held_number, offered: last.release.number });
    }
    // A node that holds nothing has no chain to continue: the signature alone vouches for the first release it sees.
    let mut before = held.filter(|head| head.number > 0).map(|head| (head.number, head.digest));
    for signed in releases {
        let release = &signed.release;
        let continues = before
            .is_none_or(|(number, digest)| number.checked_add(1) == Some(release.number) && release.previous == digest);
        if release.catalog != *catalog || !continues {
            return Err(Refusal::Chain { number: release.number });
        }
        before = Some((release.number, signed.digest));
    }
    Ok(last)
}

/// Checks that an index, after the difference was applied to it, is what the release says a node of `region` holds.
///
/// # Errors
/// [`Refusal::Content`] names the first part that differs.
pub fn check_content(release: &Release, index: &mut CatalogIndex, region: &RegionCode) -> Result<(), Refusal> {
    let held = index.parts();
    let due: Vec<&Part> = release.parts.iter().filter(|part| part.audience.reaches(region)).collect();
    let differs = |audience: &crate::catalog::Audience| Refusal::Content {
        number: release.number,
        audience: audience.to_string(),
    };
    for part in &due {
        if !held.contains(part) {
            return Err(differs(&part.audience));
        }
    }
    match held.iter().find(|part| !due.contains(part)) {
        Some(extra) => Err(differs(&extra.audience)),
        None => Ok(()),
    }
}

/// Checks that a difference is self-consistent: no key twice, no version above the release it belongs to.
///
/// # Errors
/// [`Refusal::Malformed`].
pub fn check_difference(difference: &Difference, number: u64) -> Result<(), Refusal> {
    let mut keys: Vec<&str> = difference.upserts.iter().map(|entry| entry.key.as_str()).collect();
    keys.extend(difference.removals.iter().map(String::as_str));
    keys.sort_unstable();
    if let Some((twice, _)) = keys.iter().zip(keys.iter().skip(1)).find(|(key, next)| key == next) {
        return Err(Refusal::Malformed { reason: format!("key {twice} twice") });
    }
    match difference.upserts.iter().find(|entry| entry.release > number || entry.release == 0) {
        Some(entry) => Err(Refusal::Malformed { reason: format!("{} has version {}", entry.key, entry.release) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Audience, Entry};
    use crate::moment::Moment;

    fn city() -> RegionCode {
        RegionCode::new("320500").expect("a code")
    }

    fn id() -> CatalogId {
        CatalogId::new(city(), "indicators")
    }

    fn head(number: u64) -> Head {
        Head { catalog: id(), number, digest: digest(number) }
    }

    fn digest(number: u64) -> Digest {
        Digest::of(&number.to_be_bytes())
    }

    fn known(_: &CatalogId, number: u64) -> Option<Digest> {
        (number <= 5).then(|| digest(number))
    }

    fn signed(number: u64, previous: Digest, parts: Vec<Part>) -> SignedRelease {
        let release = Release {
            catalog: id(),
            number,
            previous,
            parts,
            drafted_by: "经办".into(),
            approved_by: "审核".into(),
            note: String::new(),
            signed_at: Moment(0),
        };
        SignedRelease { release, digest: digest(number), envelope: Vec::new() }
    }

    /// Every relation of the two sides gives its own step, and the plan is empty once it is carried out.
    #[test]
    fn plans() {
        let send = |from, to| vec![Step::Send { catalog: id(), from, to }];
        assert_eq!(plan(&[head(5)], &[], known), send(0, 5));
        assert_eq!(plan(&[head(5)], &[head(3)], known), send(3, 5));
        assert_eq!(plan(&[head(5)], &[head(5)], known), []);
        // A wave was narrowed: the child keeps what it has.
        assert_eq!(plan(&[head(3)], &[head(4)], known), []);
        assert_eq!(plan(&[], &[head(4)], known), []);
        assert_eq!(plan(&[head(5)], &[head(7)], known), [Step::Ahead { catalog: id(), child: 7, parent: 5 }]);
        let other = Head { digest: Digest::NONE, ..head(4) };
        assert_eq!(plan(&[head(5)], &[other], known), [Step::Diverged { catalog: id(), number: 4 }]);
    }

    /// Only releases that continue the known chain are taken; a first release needs no chain.
    #[test]
    fn chains() {
        let third = signed(3, digest(2), Vec::new());
        let fourth = signed(4, digest(3), Vec::new());
        let check = |held: Option<Head>, releases: &[SignedRelease]| {
            check_chain(&id(), held.as_ref(), releases).map(|last| last.release.number)
        };
        assert_eq!(check(None, std::slice::from_ref(&fourth)), Ok(4));
        assert_eq!(check(Some(head(2)), &[third.clone(), fourth.clone()]), Ok(4));
        assert_eq!(check(Some(head(2)), std::slice::from_ref(&fourth)), Err(Refusal::Chain { number: 4 }));
        assert_eq!(check(Some(head(4)), std::slice::from_ref(&fourth)), Err(Refusal::Rollback { held: 4, offered: 4 }));
        let forged = signed(3, digest(9), Vec::new());
        assert_eq!(check(Some(head(2)), &[forged]), Err(Refusal::Chain { number: 3 }));
        let mut foreign = third;
        foreign.release.catalog.name = "rules".into();
        assert_eq!(check(Some(head(2)), &[foreign]), Err(Refusal::Chain { number: 3 }));
        assert!(matches!(check(None, &[]), Err(Refusal::Malformed { .. })));
    }

    /// A node holds exactly the parts that reach it: one entry more, less or different is noticed.
    #[test]
    fn contents() {
        let entry = |key: &str, audience| Entry { key: key.into(), audience, release: 1, body: "{}".into() };
        let county = RegionCode::new("320581").expect("a code");
        let other = RegionCode::new("320582").expect("a code");
        let shared = entry("a", Audience::Everyone);
        let ours = entry("b", Audience::Region(county.clone()));
        let theirs = entry("c", Audience::Region(other));
        let all = CatalogIndex::new([&shared, &ours, &theirs]).parts();
        let release = signed(1, Digest::NONE, all).release;
        let refused = |entries: &[&Entry]| {
            check_content(&release, &mut CatalogIndex::new(entries.iter().copied()), &county).err().map(|r| r.code())
        };
        assert_eq!(refused(&[&shared, &ours]), None);
        assert_eq!(refused(&[&shared]), Some("CONTENT"));
        assert_eq!(refused(&[&shared, &ours, &theirs]), Some("CONTENT"));
        let changed = Entry { body: "{ }".into(), ..ours.clone() };
        assert_eq!(refused(&[&shared, &changed]), Some("CONTENT"));
    }

    /// A difference that names a key twice, or a version of the future, is malformed.
    #[test]
    fn differences() {
        let entry =
            |key: &str, release| Entry { key: key.into(), audience: Audience::Everyone, release, body: "{}".into() };
        let code = |upserts: Vec<Entry>, removals: &[&str]| {
            let removals = removals.iter().map(|key| (*key).to_owned()).collect();
            check_difference(&Difference { upserts, removals }, 2).err().map(|refusal| refusal.code())
        };
        assert_eq!(code(vec![entry("a", 2), entry("b", 1)], &["c"]), None);
        assert_eq!(code(vec![entry("a", 2)], &["a"]), Some("MALFORMED"));
        assert_eq!(code(vec![entry("a", 3)], &[]), Some("MALFORMED"));
    }
}
