//! What a reader sees, and the log says, of a page that could not be made.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use tongpin_domain::lang::{Lang, Say};
use tongpin_store::StoreError;
use tracing_subscriber::fmt::MakeWriter;

use super::browser::Ground;
use crate::duty::Duty;
use crate::web::{Context, PageError, PageFailure, Web};

/// A failure of a program's own, which says more at a terminal than on a page.
struct Missing;

impl Say for Missing {
    fn say(&self, lang: Lang) -> String {
        lang.pick("没有该任务；可用 list 查看", "no such task; list shows those there are").to_owned()
    }
}

impl PageFailure for Missing {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }

    fn chain(&self) -> String {
        "task 7: row gone".to_owned()
    }

    fn on_page(&self, lang: Lang) -> String {
        lang.pick("没有该任务", "There is no such task").to_owned()
    }
}

/// Pages that cannot be shown, each for another reason.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/missing", get(async |_: Context| -> Result<Response, PageError> { Err(Missing)? }))
        .route("/damaged", get(async |_: Context| -> Result<Response, PageError> { Err(damaged())? }))
        .route("/approving", get(approving))
}

fn damaged() -> StoreError {
    let (row, problem) = ("7".to_owned(), "not a number".to_owned());
    StoreError::Inconsistent { table: "task", column: "due", row, problem }
}

async fn approving(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::Approve]).await?;
    Ok(cx.page("Approving").show(&maud::html! {}))
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// The lines since the last look that tell of a page.
    fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("whole"));
        let text = String::from_utf8(bytes).expect("text");
        text.lines().filter(|line| line.contains("a page could not be made")).map(str::to_owned).collect()
    }
}

/// A handler's failure becomes a page in the reader's language, with the failure's own status and its words for pages,
/// and one line of the log with the whole cause; a refused page is shown as it is and is no failure.
#[tokio::test]
async fn failures_are_told_once() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let ground = Ground::new().await;
    let mut browser = ground.administrator().await;
    assert_eq!(log.lines(), [""; 0]);

    let shown = browser.open("/missing").await;
    assert_eq!(shown.status, 404);
    assert!(shown.text.contains("没有此页") && shown.text.contains("没有该任务"), "{}", shown.text);
    assert!(!shown.text.contains("可用 list"), "what a terminal shows");
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("task 7: row gone") && lines[0].contains("/missing"));

    browser.cookies.insert("tongpin_lang".into(), "en".into());
    let shown = browser.open("/damaged").await;
    assert_eq!(shown.status, 500);
    assert!(shown.text.contains("It cannot be done") && shown.text.contains("lang=\"en\""), "{}", shown.text);
    assert!(shown.text.contains(&damaged().say(Lang::En)), "{}", shown.text);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("task.due of row 7"), "{lines:?}");

    let shown = browser.open("/approving").await;
    assert_eq!(shown.status, 403);
    assert!(shown.text.contains("Not yours to open"), "{}", shown.text);
    assert_eq!(log.lines(), [""; 0], "that is for the audit log");
    assert_eq!(ground.logged("page_refused").await, [("admin".to_owned(), "须有岗位：审核".to_owned(), false)]);
}
