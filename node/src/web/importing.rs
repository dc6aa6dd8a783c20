//! Files on their way in, of both pages that import: each waits with what is being done with it and what was found in
//! it, so that its pages are turned without examining it again, and whoever leaves finds it as it is.

mod work;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::body::Bytes;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::{Staged, Waiting};
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_store::{AuditDraft, Topic};

use crate::app::statistics::concerns_records;
use crate::ops::forms::importing::DocumentsPreview;
use crate::ops::import::{Step, TablePreview};
use crate::web::parts::Context;
pub(super) use work::{Came, Done, Hear, Outcome, Work};

/// How long somebody waits for an answer before being told how far it is: a short file leads straight on.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long a file to download is waited for, which cannot tell how far it is.
pub(super) const FOR_A_FILE: Duration = Duration::from_mins(2);
/// What all previews may take together in memory, bytes, about, and how many they may be; the oldest are made anew when
/// somebody asks for them.
const ROOM: usize = 32 * 1024 * 1024;
const MOST: usize = 16;

/// What a file would change, as its pages show it.
#[derive(Debug)]
pub(super) enum Preview {
    /// A table, or the form of a project.
    Table(TablePreview),
    /// Documents of a form.
    Documents(DocumentsPreview),
}

impl Preview {
    fn weight(&self) -> usize {
        match self {
            Self::Table(preview) => preview.weight(),
            Self::Documents(preview) => preview.weight(),
        }
    }
}

/// Whether a change may make a preview another.
fn concerns(topic: &Topic) -> bool {
    concerns_records(topic) || matches!(topic, Topic::Catalog(_))
}

/// The files that wait, and the previews that are kept of them.
#[derive(Debug)]
pub(crate) struct Uploads {
    staged: Staged<Arc<Work>>,
    kept: Arc<Ledger>,
    patience: Duration,
}

impl Default for Uploads {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

/// A file that waits.
pub(super) type File = Waiting<Arc<Work>>;

impl Uploads {
    /// As many, where whoever asks is told after so long that it is not done yet.
    pub(crate) fn with_patience(patience: Duration) -> Self {
        Self { staged: Staged::default(), kept: Arc::default(), patience }
    }

    /// Keeps a file that is looked at in other ways too.
    pub(super) fn keep(&self, cx: &Context, name: &str, note: &str, bytes: Bytes) -> Digest {
        self.staged.keep(&cx.signed.account.id, name, note, bytes, cx.now())
    }

    /// Keeps a file that is to be imported: what was told of it before is not told again.
    pub(super) fn receive(&self, cx: &Context, name: &str, note: &str, bytes: Bytes) -> Option<File> {
        let digest = self.keep(cx, name, note, bytes);
        let file = self.staged.take(&cx.signed.account.id, &digest, cx.now())?;
        file.work.forget_told();
        Some(file)
    }

    /// A file of the reader's, while it waits, of those that were brought to one place.
    pub(super) fn find(&self, cx: &Context, digest: &str, note: &str) -> Option<File> {
        self.of(&cx.signed.account.id, digest, cx.now()).filter(|file| file.note == note)
    }

    fn of(&self, account: &str, digest: &str, now: Moment) -> Option<File> {
        self.staged.take(account, &digest.parse().ok()?, now)
    }

    /// The reader's files that wait at one place, each with the way to it, which `at` names.
    pub(super) fn waiting(&self, cx: &Context, note: &str, at: &str) -> Markup {
        let (lang, files) = (cx.lang(), self.staged.of(&cx.signed.account.id, note, cx.now()));
        html! {
            @if !files.is_empty() {
                div.card {
                    p { (lang.pick("已上传、还没有导入的文件（保留 1 小时）：", "Uploaded and not imported yet; kept for an hour:")) }
                    ul { @for file in &files { li { a href=(format!("{at}/{}", file.digest)) { (file.name) } } } }
                }
            }
        }
    }

    /// What came of a file is told: it need not be held any more.
    pub(super) fn spend(&self, cx: &Context, file: &File) {
        self.staged.spend(&cx.signed.account.id, &file.digest);
    }

    /// Begins to examine a file unless that has been done, or is, and nothing that it was compared with has changed.
    pub(super) fn begin<F>(&self, cx: &Context, file: &File, examine: impl FnOnce(Hear) -> F)
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        file.work.examine(cx.app.store(), &self.kept, &|_| true, examine);
    }

    /// What was found in a file, or how far that is; it is begun if it must be. `fits` says whether a preview that is
    /// kept shows what is asked for.
    pub(super) async fn look<F>(
        &self,
        cx: &Context,
        file: &File,
        patience: Option<Duration>,
        fits: impl Fn(&Preview) -> bool + Send + Sync,
        examine: impl Fn(Hear) -> F + Send + Sync,
    ) -> Came
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let patience = patience.unwrap_or(self.patience);
        file.work.examine(cx.app.store(), &self.kept, &fits, &examine);
        let came = file.work.came(patience).await;
        match &came {
            // What was at work when this was asked for may have been begun for another page.
            Came::Preview(preview, false) if !fits(preview) => {
                file.work.examine(cx.app.store(), &self.kept, &fits, &examine);
                file.work.came(patience).await
            }
            _ => came,
        }
    }

    /// What came of writing a file, or how far that is. A second press of the button waits for what the first began.
    pub(super) async fn confirm<F>(&self, cx: &Context, file: &File, write: impl FnOnce(Hear) -> F) -> Came
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        file.work.write(cx.app.store(), &self.kept, write);
        file.work.came(self.patience).await
    }

    /// The preview that is kept of the one file of an account, however old.
    #[cfg(test)]
    pub(super) fn kept_of(&self, account: &str, digest: &str, now: Moment) -> Option<Arc<Preview>> {
        self.of(account, digest, now)?.work.kept()
    }
}

/// Which previews are kept, the oldest first, and what each takes.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<VecDeque<(Weak<Work>, usize)>>);

impl Ledger {
    /// One more is kept: the oldest make room, but for this one.
    fn note(&self, work: &Arc<Work>, weight: usize) {
        let mut gone = Vec::new();
        let mut all = self.all();
        all.retain(|(other, _)| other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(work)));
        all.push_back((Arc::downgrade(work), weight));
        while all.len() > 1 && (all.len() > MOST || all.iter().map(|(_, weight)| weight).sum::<usize>() > ROOM) {
            gone.extend(all.pop_front());
        }
        drop(all);
        for work in gone.iter().filter_map(|(work, _)| work.upgrade()) {
            work.let_go();
        }
    }

    /// The list stays whole whoever panicked while holding it.
    fn all(&self) -> MutexGuard<'_, VecDeque<(Weak<Work>, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who confirms an import, as the audit log names them when it is written.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    actor: String,
    address: String,
}

impl Signer {
    pub(super) fn of(cx: &Context) -> Self {
        Self { actor: cx.signed.account.name.clone(), address: cx.visitor.address.clone() }
    }

    /// What the audit log keeps of something that is done now.
    pub(super) fn entry<'a>(
        &'a self,
        at: Moment,
        action: &'a str,
        subject: &'a str,
        detail: &'a str,
    ) -> AuditDraft<'a> {
        AuditDraft { at, actor: &self.actor, address: &self.address, action, subject, detail, allowed: true }
    }
}

/// Why a file that is asked for does not wait any more.
pub(super) fn gone(lang: Lang) -> &'static str {
    lang.pick(
        "上传的文件已不在（已导入、超过 1 小时未确认，或系统重新启动过）；请先查看数据是否已导入，没有导入的请重新上传",
        "the uploaded file is gone (imported, not confirmed for an hour, or the program was restarted); look whether it \
         was imported, and upload it again if it was not",
    )
}

/// What a file is called that comes back with its errors marked.
pub(super) fn marked_name(file: &File, lang: Lang) -> String {
    let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
    format!("{stem}{}.xlsx", lang.pick("（标错）", " (marked)"))
}

/// The page while a file is at work: it leads on by itself.
pub(super) fn at_work(cx: &Context, file: &File, (step, writes): (Step, bool)) -> Response {
    let lang = cx.lang();
    let said = step.say(lang);
    let body = html! {
        div.card role="status" {
            p { strong { (file.name) } }
            p { (said) }
            @match step.share() {
                Some((done, total)) => progress aria-label=(said) max=(total) value=(done) {},
                None => progress aria-label=(said) {},
            }
            p.hint { @if writes {
                (lang.pick("可以离开本页，写入不会停；回到本页地址可看结果。",
                    "This page can be left: writing goes on, and this address tells what came of it."))
            } @else {
                (lang.pick("可以离开本页，检查不会停；一小时内回到本页地址，可看预览。",
                    "This page can be left: the check goes on, and for an hour this address shows what was found."))
            } }
        }
        p.error role="alert" data-lost hidden {
            (lang.pick("连接中断，正在重试；恢复后本页自动继续。长时间不恢复的，请联系系统管理员。",
                "The connection is lost and is tried again; this page goes on once it is back. If that takes long, ask \
                 the system administrator."))
        }
    };
    let title = if writes {
        lang.pick("正在导入", "Importing")
    } else {
        lang.pick("正在检查文件", "Checking the file")
    };
    cx.page(title).leading_on().show(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Previews of many files make room for each other, the oldest first; a large one is kept while it is the last.
    #[test]
    fn bounded() {
        let ledger = Ledger::default();
        let works: Vec<Arc<Work>> = (0..MOST + 4).map(|_| Arc::default()).collect();
        for work in &works {
            ledger.note(work, 1);
        }
        assert_eq!(ledger.all().len(), MOST);
        ledger.note(&works[MOST], ROOM);
        assert_eq!(ledger.all().len(), 1);
        ledger.note(&works[MOST], 2 * ROOM);
        ledger.note(&works[0], 1);
        assert!(ledger.all().iter().all(|(work, _)| std::ptr::eq(work.as_ptr(), Arc::as_ptr(&works[0]))));
        drop(works);
        ledger.note(&Arc::default(), 1);
        assert_eq!(ledger.all().len(), 1);
    }
}
