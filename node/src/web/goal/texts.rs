//! The first step: what the project is for, in words.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::list::Asked;
use tongpin_console::web::{
    Choice, Field, Fields, LongText, PageError, PageFailure as _, Posted, Signed, Tone, notice, token,
};
use tongpin_domain::goal::{FIELDS, Goal, LONGEST};
use tongpin_domain::lang::{Lang, Say};

use super::{Subject, done, onward};
use crate::ops::goals::{self, HeldGoal};
use crate::web::parts::Context;

/// The long texts: name, words, and what belongs in them.
const TEXTS: [(&str, &str, &str, &str, &str); 6] = [
    ("basis", "立项依据", "Basis", "政策文件名称和文号、领导批示、规划等", "documents and their numbers"),
    ("necessity", "必要性", "Necessity", "要解决什么问题，不做会怎样", "which problem it solves"),
    ("feasibility", "可行性", "Feasibility", "条件是否具备，方案是否可行", "whether the conditions are there"),
    ("plan", "实施计划", "Plan", "分阶段的时间和内容", "what is done when"),
    ("whole_goal", "实施期目标", "Goal of the whole term", "整个实施期要达到的效果", "what the whole term is to reach"),
    ("year_goal", "年度目标", "The year's goal", "本年度要完成的工作和效果，与指标对应", "what this year is to reach"),
];

/// What goes wrong with a form, by field.
type Errors = BTreeMap<&'static str, String>;

/// The form as it is shown.
struct Form<'a> {
    goal: Goal,
    version: String,
    errors: Errors,
    /// What somebody else saved meanwhile.
    theirs: Option<&'a Goal>,
    told: Markup,
}

/// Shows the form.
pub(super) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    let subject = Subject::open(&cx, &code).await?;
    let held = goals::read(cx.app.store(), &subject.held.author, &code).await?;
    let told = done(asked.text("done"), cx.lang());
    let HeldGoal { goal, version } = held;
    let form = Form { goal, version, errors: Errors::new(), theirs: None, told };
    Ok(subject.page(&cx, "", StatusCode::OK, &form.draw(&subject, &cx.signed, cx.lang())))
}

/// Saves it.
pub(super) async fn post(cx: Context, Path(code): Path<String>, Posted(fields): Posted) -> Result<Response, PageError> {
    let subject = Subject::edit(&cx, &code).await?;
    let lang = cx.lang();
    let goal = read(&code, &fields);
    let errors = problems(&goal, lang);
    let version = fields.text("version").to_owned();
    if !errors.is_empty() {
        let told = notice(Tone::Bad, lang.pick("没有保存：请改正标出的内容", "Not saved: correct what is marked"));
        let form = Form { goal, version, errors, theirs: None, told };
        let form = form.draw(&subject, &cx.signed, lang);
        return Ok(subject.page(&cx, "", StatusCode::UNPROCESSABLE_ENTITY, &form));
    }
    let entry = cx.audit_entry("goal_save", &code, "目标文字");
    if let Err(error) = cx.app.store().audited(&entry, goals::save(&cx.app, &version, &goal)).await {
        let theirs = goals::read(cx.app.store(), &subject.held.author, &code).await;
        let HeldGoal { goal: theirs, version } = theirs?;
        let told = notice(Tone::Bad, &error.say(lang));
        let form = Form { goal, version, errors, theirs: Some(&theirs), told };
        return Ok(subject.page(&cx, "", error.status(), &form.draw(&subject, &cx.signed, lang)));
    }
    Ok(onward(&code, if fields.text("do") == "next" { "/indicators" } else { "" }, "saved", ""))
}

fn read(code: &str, fields: &Fields) -> Goal {
    let mut goal = Goal { project_code: code.to_owned(), ..Goal::default() };
    for (name, _) in FIELDS {
        goal.set(name, fields.text(name));
    }
    goal
}

fn problems(goal: &Goal, lang: Lang) -> Errors {
    goal.problems().into_iter().map(|(name, words)| (name, words.say(lang))).collect()
}

impl Form<'_> {
    fn draw(&self, subject: &Subject, signed: &Signed, lang: Lang) -> Markup {
        if !subject.may {
            return html! { (self.told) (self.read_only(lang)) };
        }
        html! {
            (self.told)
            form.card.broad method="post" action=(super::address(subject.code(), "")) data-keep {
                (token(signed))
                input type="hidden" name="version" value=(self.version);
                (self.choice(lang))
                (self.field("leader", lang.pick("项目负责人", "Leader"), "", lang))
                (self.field("phone", lang.pick("联系电话", "Telephone"), "", lang))
                (self.field("starts", lang.pick("起始时间", "Start"), lang.pick("如 2024-01-01", "such as 2024-01-01"), lang))
                (self.field("ends", lang.pick("终止时间", "End"), lang.pick("如 2024-12-31", "such as 2024-12-31"), lang))
                (self.field("whole_amount", lang.pick("实施期资金总额（元）", "Money of the whole term (yuan)"),
                    lang.pick("跨年度项目填写；年度金额取自项目记录，不必重填", "the year's amounts come from the project"), lang))
                @for (name, zh, en, hint_zh, hint_en) in TEXTS {
                    @let hint = format!("{}{}", lang.pick(hint_zh, hint_en),
                        lang.pick(&format!("；最多 {LONGEST} 字"), &format!("; at most {LONGEST} characters")));
                    @let hint = self.with_theirs(name, &hint, lang);
                    (LongText { name, label: lang.pick(zh, en), value: self.goal.get(name), hint: &hint,
                        error: self.error(name), longest: LONGEST }.draw())
                }
                div.row {
                    button.main name="do" value="next" { (lang.pick("保存，下一步填指标", "Save and go on to the indicators")) }
                    button name="do" value="save" { (lang.pick("保存", "Save")) }
                }
            }
        }
    }

    fn error(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }

    /// The hint, and what somebody else has saved there if that differs.
    fn with_theirs(&self, name: &str, hint: &str, lang: Lang) -> String {
        let theirs = self.theirs.map(|theirs| theirs.get(name)).filter(|theirs| *theirs != self.goal.get(name));
        match theirs {
            None => hint.to_owned(),
            Some("") => format!("{hint} {}", lang.pick("【现已保存的：空】", "[saved now: blank]")),
            Some(theirs) => {
                format!("{hint} {}", lang.pick(&format!("【现已保存的：{theirs}】"), &format!("[saved now: {theirs}]")))
            }
        }
    }

    fn field(&self, name: &str, label: &str, hint: &str, lang: Lang) -> Markup {
        let hint = self.with_theirs(name, hint, lang);
        Field {
            name,
            label,
            value: self.goal.get(name),
            hint: hint.trim(),
            error: self.error(name),
            ..Field::default()
        }
        .draw()
    }

    fn choice(&self, lang: Lang) -> Markup {
        let option = |value: &str, shown: &str| (value.to_owned(), shown.to_owned());
        let options = [
            option("", lang.pick("请选择", "choose")),
            option("新增", lang.pick("新增项目", "new project")),
            option("延续", lang.pick("延续项目", "continued project")),
        ];
        let hint = self.with_theirs("attribute", "", lang);
        Choice {
            name: "attribute",
            label: lang.pick("项目属性", "New or continued"),
            options: &options,
            value: &self.goal.attribute,
            hint: hint.trim(),
            error: "",
        }
        .draw()
    }

    fn read_only(&self, lang: Lang) -> Markup {
        let short = [
            ("attribute", "项目属性", "New or continued"),
            ("leader", "项目负责人", "Leader"),
            ("phone", "联系电话", "Telephone"),
            ("starts", "起始时间", "Start"),
            ("ends", "终止时间", "End"),
            ("whole_amount", "实施期资金总额（元）", "Money of the whole term (yuan)"),
        ];
        let rows = short.into_iter().chain(TEXTS.iter().map(|(name, zh, en, ..)| (*name, *zh, *en)));
        html! {
            div.wide { table {
                tbody { @for (name, zh, en) in rows { tr {
                    th scope="row" { (lang.pick(zh, en)) }
                    td.text { @if self.goal.get(name).is_empty() { "—" } @else { (self.goal.get(name)) } }
                } } }
            } }
        }
    }
}
