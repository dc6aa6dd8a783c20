//! 配额: how much of one child's words is kept. Every child has the same, far beyond what an honest one needs; what goes
//! beyond is refused in words, counted, and shown on the child's page.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::guidance::{NOTICES, Notice};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::moment::Moment;
use tongpin_domain::region::RegionCode;

use crate::error::LinkError;
use crate::site::Site;

/// A kind of thing that a child has this node keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Reports, sound or not, and questions that are not taken in: each is answered by a receipt that is kept.
    Arrivals,
    /// Questions that are taken in.
    Questions,
    /// Receipts that it says it holds and that this database lacks.
    Receipts,
    /// Answers to trials that are others than before.
    Answers,
}

/// Questions of one child that may wait for an answer at the same time.
pub const OPEN_QUESTIONS: usize = 100;

impl Quota {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Arrivals, Self::Questions, Self::Receipts, Self::Answers];

    /// How much of it a child has for a day.
    #[must_use]
    pub fn most(self) -> u64 {
        match self {
            Self::Arrivals => 500,
            Self::Questions => 20,
            // One that looks every minute all day long has fewer.
            Self::Receipts | Self::Answers => 2_000,
        }
    }

    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Questions => "questions",
            Self::Receipts => "receipts",
            Self::Answers => "answers",
        }
    }
}

impl Say for Quota {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Arrivals => lang.pick("上报和提问", "reports and questions"),
            Self::Questions => lang.pick("提问", "questions"),
            Self::Receipts => lang.pick("补发回执", "receipts made up for"),
            Self::Answers => lang.pick("测算答复", "answers to trials"),
        }
        .to_owned()
    }
}

/// What a child used of its quotas today and what was refused for them, for its page.
#[must_use]
pub fn told(used: &[tongpin_store::Quota], at: Moment, lang: Lang) -> String {
    let one = |quota: Quota| {
        let held = used.iter().find(|held| held.what == quota.word());
        let (used, refused) = held.map_or((0, 0), |held| (held.used_on(at), held.refused));
        let said = format!("{} {used}/{}", quota.say(lang), quota.most());
        match (refused, held.and_then(|held| held.refused_at)) {
            (0, _) | (_, None) => said,
            (refused, Some(at)) => match lang {
                Lang::Zh => format!("{said}（因超过上限未收 {refused} 次，最近 {at}）"),
                Lang::En => format!("{said} ({refused} refused, last {at})"),
            },
        }
    };
    Quota::ALL.map(one).join(lang.pick("；", "; "))
}

/// Uses so much of a child's quota; `false`, and counted, if not so much is left.
pub(crate) async fn left(site: &Site, child: &RegionCode, of: Quota, amount: u64) -> Result<bool, LinkError> {
    Ok(site.store.use_quota(child, of.word(), (amount, of.most()), site.now()).await?)
}

/// Whether anything of a child's quota is left.
pub(super) async fn lasts(site: &Site, child: &RegionCode, of: Quota) -> Result<bool, LinkError> {
    let held = site.store.quotas(child).await?;
    let used = held.iter().find(|held| held.what == of.word()).map_or(0, |held| held.used_on(site.now()));
    Ok(used < of.most())
}

/// Why a question is not taken in, if its author has asked enough.
pub(crate) async fn too_many_questions(site: &Site, child: &RegionCode) -> Result<Option<String>, LinkError> {
    let notices = site.store.entries(&CatalogId::new(site.region(), NOTICES)).await?;
    let answered: Vec<String> =
        notices.iter().filter_map(|entry| serde_json::from_str::<Notice>(&entry.body).ok()?.answers).collect();
    let open = site.store.question_keys(child).await?.iter().filter(|key| !answered.contains(key)).count();
    if open >= OPEN_QUESTIONS {
        return Ok(Some(format!("已有 {open} 个提问等待答复，达到上限；请待答复后再问")));
    }
    let most = Quota::Questions.most();
    let taken = left(site, child, Quota::Questions, 1).await?;
    Ok((!taken).then(|| format!("今日提问已达上限 {most} 个，这一个未接收；请明日再问")))
}
