//! The shell around every page: title, who is signed in, where one can go; and the parts that forms are made of.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg;
use tongpin_domain::lang::Lang;

use super::Web;
use super::visitor::{Signed, Visitor};
use crate::duty::Duty;

/// The few tokens that all pages are drawn with; colours keep a contrast of 4.5:1 on their ground, light and dark.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("kit/kit.css"));
/// How often a page that refreshes loads itself anew, seconds.
const REFRESH: u8 = 15;
/// How often a page that waits for work to be done is loaded anew where no script asks for it, seconds.
const LEADS_ON: u8 = 2;

/// A page to be shown.
pub struct Page<'a> {
    web: &'a Web,
    visitor: &'a Visitor,
    /// The page's heading and the window's title.
    title: &'a str,
    /// Whether it loads itself anew.
    refresh: bool,
    /// Whether it only waits for work to be done, and then is another.
    waits: bool,
    status: StatusCode,
}

/// Marks an answer as a page that stands for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole;

/// The answer to a form that is still being filled in: nothing is done yet, and to send it again does nothing either.
#[must_use]
pub fn filling(mut answer: Response) -> Response {
    answer.extensions_mut().remove::<Whole>();
    answer
}

/// A place in the console.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its address.
    pub address: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Whom it is for; nobody named means everyone.
    pub duties: &'static [Duty],
}

const FIRST: Place = Place { address: "/", zh: "总览", en: "Overview", duties: &[] };
/// Where a program that has an API gives out tokens for it.
const TOKENS: Place = Place { address: "/tokens", zh: "接口令牌", en: "API tokens", duties: &[Duty::Security] };
/// What every program has after its own places.
const LAST: [Place; 3] = [
    Place { address: "/jobs", zh: "后台任务", en: "Background jobs", duties: &[Duty::System] },
    Place { address: "/accounts", zh: "账号", en: "Accounts", duties: &[Duty::System, Duty::Security] },
    Place { address: "/audit", zh: "审计日志", en: "Audit log", duties: &[Duty::Audit] },
];

impl<'a> Page<'a> {
    /// A page of this title.
    #[must_use]
    pub fn new(web: &'a Web, visitor: &'a Visitor, title: &'a str) -> Self {
        Self { web, visitor, title, refresh: false, waits: false, status: StatusCode::OK }
    }

    /// The same page, loading itself anew.
    #[must_use]
    pub fn refreshing(self) -> Self {
        Self { refresh: true, ..self }
    }

    /// The same page, which is there only while something goes on: it asks again by itself, and leads on to what came
    /// of it. Where scripts run it does so without being loaded anew.
    #[must_use]
    pub fn leading_on(self) -> Self {
        Self { waits: true, ..self }
    }

    /// The same page, answered with another status than that all is well.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same page, which asks for corrections of what was sent, if it does.
    #[must_use]
    pub fn correcting(self, wrong: bool) -> Self {
        if wrong { self.status(StatusCode::UNPROCESSABLE_ENTITY) } else { self }
    }

    /// The whole document.
    #[must_use]
    pub fn show(&self, body: &Markup) -> Response {
        let lang = self.visitor.lang;
        let program = self.visitor.program.as_str();
        let document = html! {
            (DOCTYPE)
            html lang=(lang.pick("zh-CN", "en")) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    @if self.refresh && self.visitor.quiet {
                        meta http-equiv="refresh" content=(format!("{REFRESH}; url=?auto=1"));
                    }
                    @if self.waits { noscript { meta http-equiv="refresh" content=(LEADS_ON); } }
                    title { (self.title) @if self.title != program { " · " (program) } }
                    style { (PreEscaped(STYLE)) }
                    script src="/app.js" defer {}
                }
                body {
                    a.skip href="#main" { (lang.pick("跳到正文", "Skip to the content")) }
                    (self.top(program))
                    main id="main" data-live[self.refresh] data-soon[self.waits] {
                        h1 { (self.title) }
                        @if self.refresh { (self.refreshing_words()) }
                        @for said in self.told() { (said) }
                        (body)
                    }
                }
            }
        };
        (self.status, Extension(Whole), Html(document.into_string())).into_response()
    }

    /// What the form that led here has done, shown this once.
    fn told(&self) -> Vec<Markup> {
        let Visitor { signed: Some(signed), reading: true, path, .. } = self.visitor else { return Vec::new() };
        self.web.flash().take(&signed.token_hash, path, self.web.now())
    }

    /// The switch between a page that stays and one that loads itself anew: nothing moves unasked.
    fn refreshing_words(&self) -> Markup {
        let lang = self.visitor.lang;
        let (address, zh, en) = if self.visitor.quiet {
            ("/", "停止自动刷新".to_owned(), "Stop refreshing".to_owned())
        } else {
            ("/?auto=1", format!("每 {REFRESH} 秒自动刷新"), format!("Refresh every {REFRESH} seconds"))
        };
        html! { p.right { a href=(address) { (lang.pick(&zh, &en)) } } }
    }

    fn top(&self, program: &str) -> Markup {
        let lang = self.visitor.lang;
        let (other, word) = if lang == Lang::Zh { ("en", "English") } else { ("zh", "中文") };
        html! {
            header {
                div.top {
                    strong { (program) }
                    div.who {
                        form method="post" action="/lang" {
                            input type="hidden" name="lang" value=(other);
                            input type="hidden" name="back" value=(self.visitor.here);
                            button.plain lang=(if other == "en" { "en" } else { "zh-CN" }) { (word) }
                        }
                        @if let Some(signed) = &self.visitor.signed {
                            a href="/me" { (signed.account.display_name) }
                            form method="post" action="/sign-out" {
                                (token(signed))
                                button.plain { (lang.pick("退出", "Sign out")) }
                            }
                        }
                    }
                }
                @if let Some(signed) = self.visitor.signed.as_ref().filter(|it| it.account.password_set_at.is_some()) {
                    nav aria-label=(lang.pick("主菜单", "Main menu")) {
                        @for Place { address, zh, en, duties } in self.places() {
                            @if duties.is_empty() || signed.may(duties) {
                                a href=(address) aria-current=[self.is_at(address).then_some("page")] { (lang.pick(zh, en)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let program = self.web.program();
        let tokens = program.api.as_ref().map(|_| TOKENS);
        std::iter::once(FIRST).chain(program.places.iter().copied()).chain(tokens).chain(LAST)
    }

    fn is_at(&self, address: &str) -> bool {
        let path = &self.visitor.path;
        path == address || (address != "/" && path.starts_with(&format!("{address}/")))
    }
}

/// The hidden field that every form of a session carries.
#[must_use]
pub fn token(signed: &Signed) -> Markup {
    html! { input type="hidden" name="csrf" value=(signed.csrf); }
}

/// A line of a form.
#[derive(Default)]
pub struct Field<'a> {
    /// What it is sent as.
    pub name: &'a str,
    /// What stands before it.
    pub label: &'a str,
    /// `text`, `password` …
    pub kind: &'a str,
    /// What was typed, if the form is shown again.
    pub value: &'a str,
    /// How it should look.
    pub hint: &'a str,
    /// What is wrong with it.
    pub error: &'a str,
    /// What a browser may fill in: the value of `autocomplete`.
    pub fill: &'a str,
    /// Which keys a phone shows first: the value of `inputmode`, such as `decimal`.
    pub keys: &'a str,
}

impl Field<'_> {
    /// Draws it, with hint and error tied to the box for those who do not see them beside it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let Self { name, label, value, hint, error, .. } = self;
        let kind = if self.kind.is_empty() { "text" } else { self.kind };
        let fill = if self.fill.is_empty() { "off" } else { self.fill };
        let described = [(hint, "hint"), (error, "error")];
        let described: Vec<String> =
            described.iter().filter(|(text, _)| !text.is_empty()).map(|(_, what)| format!("{name}-{what}")).collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) autocomplete=(fill)
                    inputmode=[(!self.keys.is_empty()).then_some(self.keys)] aria-describedby=[described] aria-invalid=[(!error.is_empty()).then_some("true")];
                @if !hint.is_empty() { p.hint id=(format!("{name}-hint")) { (hint) } }
                @if !error.is_empty() { p.error id=(format!("{name}-error")) { (error) } }
            }
        }
    }
}

/// A box to check.
#[must_use]
pub fn check_box(name: &str, value: &str, label: &str, about: &str, checked: bool) -> Markup {
    let id = format!("{name}-{value}");
    html! {
        div.check {
            input type="checkbox" id=(id) name=(name) value=(value) checked[checked];
            label for=(id) { (label) @if !about.is_empty() { span.hint { " " (about) } } }
        }
    }
}

/// A text as a QR code, for a phone to read from the page or from paper; nothing if it is too long for one.
#[must_use]
pub fn qr(text: &str, label: &str) -> Markup {
    let picture = QrCode::new(text.as_bytes());
    let picture = picture.map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).build());
    html! {
        @if let Ok(picture) = picture {
            div.qr role="img" aria-label=(label) { (PreEscaped(picture)) }
        }
    }
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy)]
pub enum Tone {
    /// Something was done.
    Good,
    /// Something should be done.
    Warn,
    /// Something is wrong.
    Bad,
}

/// The notice above a form in which something is marked as wrong.
#[must_use]
pub(super) fn corrections(any: bool, lang: Lang) -> Markup {
    let said = lang.pick("有内容需要更正，见下方标注", "something is to be corrected; see below");
    html! { @if any { (notice(Tone::Bad, said)) } }
}

/// A notice above the content; a bad one is read out at once.
#[must_use]
pub fn notice(tone: Tone, text: &str) -> Markup {
    let (class, role) = match tone {
        Tone::Good => ("notice good", "status"),
        Tone::Warn => ("notice warn", "status"),
        Tone::Bad => ("notice bad", "alert"),
    };
    html! { p class=(class) role=(role) { (text) } }
}
