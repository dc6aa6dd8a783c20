//! One month of one project: spending, what was reached, a note and evidence, on a form that suits a phone.

mod typed;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::disk::shown_bytes;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Field, LongText, PageError, Signed, Tone, Upload, notice, token};
use tongpin_domain::form::Definition;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::month::Month;
use tongpin_domain::number::TypedValue;
use tongpin_domain::observation::check::LONGEST_NOTE;
use tongpin_domain::observation::{OPENING, Observation, latest};
use tongpin_domain::project::ProjectIndicator;
use typed::{TypedMonth, Wrong};

use super::back;
use crate::guidance::forms;
use crate::ops::months::{self, ReportedProject};
use crate::ops::saving::SaveError;
use crate::records::evidence::{self, CHOOSABLE};
use crate::records::kept_form::KeptForm;
use crate::records::observations::month_name;
use crate::web::added::Added;
use crate::web::amounts::{grouped, shown};
use crate::web::parts::{Context, WORK, segment};
use crate::web::reported;

/// The form, as it was saved or empty.
pub(crate) async fn get(cx: Context, Path(code): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(WORK).await?;
    let (opened, month) = opened(&cx, &code, asked.text("month")).await?;
    let asked = KeptForm::load(cx.app.store(), Definition::of_months()).await?;
    let typed = TypedMonth::saved(&opened, month);
    let wrong = Wrong::of(typed.judged((&opened, month), &asked));
    let form = Form { opened: &opened, month, typed, wrong, asked: &asked };
    Ok(form.page(&cx, &html! {}, StatusCode::OK))
}

/// The project and the month, or the page that says that there is none.
async fn opened(cx: &Context, code: &str, month: &str) -> Result<(ReportedProject, Month), PageError> {
    let lang = cx.lang();
    let found = ReportedProject::read(&cx.app, code).await?;
    let Some(opened) = found else {
        let zh = format!("本单位没有登记项目 {code}；可在“本月填报”中查看全部项目");
        let en = format!("this office keeps no project {code}; see This month");
        let title = lang.pick("没有此项目", "No such project");
        return Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::NOT_FOUND).into());
    };
    let year = opened.held.project.fiscal_year;
    let now = Month::of(cx.now());
    let usual = if now.year() == year { Some(now) } else { Month::new(year, 12) };
    let wanted = if month.is_empty() { usual } else { month.parse().ok() };
    if let Some(month) = wanted.filter(|month| month.year() == year && *month <= now) {
        return Ok((opened, month));
    }
    let zh = format!("此项目是 {year} 年度的，只能填报当年已开始的月份；请在“本月填报”中重新选择月份");
    let en = format!("this project is of {year}: only months of it that have begun can be reported");
    let title = lang.pick("不能填报这个月", "This month cannot be reported");
    Err(cx.refused(title, lang.pick(&zh, &en), StatusCode::UNPROCESSABLE_ENTITY).into())
}

/// Saves a month, or shows the form again with what is wrong.
pub(crate) async fn post(cx: Context, Path(code): Path<String>, upload: Upload) -> Result<Response, PageError> {
    cx.must(&[Duty::Enter]).await?;
    let lang = cx.lang();
    let (opened, month) = opened(&cx, &code, upload.fields.text("month")).await?;
    let asked = KeptForm::load(cx.app.store(), Definition::of_months()).await?;
    let added = Added::of(asked.definition());
    let mut typed = TypedMonth::posted(&cx.app.data, (&opened, month), &upload.fields, &added);
    if !asked.unknown().is_empty() {
        let form = Form { opened: &opened, month, typed, wrong: Wrong::default(), asked: &asked };
        return Ok(form.page(&cx, &html! {}, StatusCode::CONFLICT));
    }
    let mut file_problem = String::new();
    if !upload.name.is_empty() {
        // The file is kept even if something else is wrong: nobody should have to choose it again.
        match evidence::keep(&cx.app.data, &upload.name, upload.bytes.into()).await {
            Ok(file) => typed.add(file),
            Err(error) => file_problem = error.say(lang),
        }
    }
    let by = cx.person().name;
    let report = match typed.read((&opened, month), &asked, (&by, cx.now()), lang) {
        Ok(report) if file_problem.is_empty() => report,
        read => {
            let wrong = read.err().map(|wrong| *wrong).unwrap_or_default().with_file(file_problem);
            let form = Form { opened: &opened, month, typed, wrong, asked: &asked };
            return Ok(form.again(&cx));
        }
    };
    let wrong = Wrong::default();
    let files: Vec<&str> = report.observation.evidence.iter().map(|file| file.name.as_str()).collect();
    let detail = format!(
        "{month}：支出 {} 元，期初 {} 元，佐证材料 {} 件 {}",
        report.observation.spent.raw(),
        report.opening.raw(),
        files.len(),
        files.join("、")
    );
    let entry = cx.audit_entry("month_report", &code, detail.trim());
    match cx.app.store().audited(&entry, months::save(&cx.app, &typed.version, &report)).await {
        Ok(()) => Ok(back(month, &code)),
        Err(SaveError::Changed) => {
            let theirs = html! {
                (notice(Tone::Warn, lang.pick(
                    "打开此页后，已有他人保存了这个项目；刚才填写的内容还在下面，尚未保存。请与已保存的内容核对，再点“保存”即以下面填写的为准。",
                    "Somebody else has saved this project meanwhile. What was typed is below and not saved yet: compare it with what is saved; saving again puts it in its place.")))
                @if let Some(saved) = opened.at(month) {
                    (reported::section(std::slice::from_ref(saved), &added, lang))
                }
            };
            let form = Form { opened: &opened, month, typed, wrong, asked: &asked };
            Ok(form.page(&cx, &theirs, StatusCode::CONFLICT))
        }
        Err(SaveError::Store(error)) => Err(error.into()),
        Err(error) => {
            let told = notice(Tone::Bad, &error.say(lang));
            let form = Form { opened: &opened, month, typed, wrong, asked: &asked };
            Ok(form.page(&cx, &told, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// The form as it is drawn.
struct Form<'a> {
    opened: &'a ReportedProject,
    month: Month,
    typed: TypedMonth,
    wrong: Wrong,
    asked: &'a KeptForm,
}

impl Form<'_> {
    /// The page once more, because of what is wrong.
    fn again(&self, cx: &Context) -> Response {
        let told = notice(
            Tone::Bad,
            cx.lang().pick(
                "还没有保存：请按红字更正后再点“保存”，其余内容都已保留。",
                "Nothing is saved yet: correct what is marked and save again; everything else is kept.",
            ),
        );
        self.page(cx, &told, StatusCode::UNPROCESSABLE_ENTITY)
    }

    fn page(&self, cx: &Context, told: &Markup, status: StatusCode) -> Response {
        let lang = cx.lang();
        let project = &self.opened.held.project;
        let title = format!("{} · {}", project.name, month_name(self.month, lang));
        let body = html! {
            (told)
            (self.head(lang))
            @if !self.asked.unknown().is_empty() {
                (notice(Tone::Warn, &forms::not_known(self.asked.unknown()).say(lang)))
            } @else if cx.may(&[Duty::Enter]) { (self.draw(&cx.signed, lang)) }
            @else { p.hint { (lang.pick("由经办人填报，这里只供查看。", "Only those who enter can report; this is to be read.")) } }
            (self.files(lang))
            (reported::section(&self.opened.observations, &Added::of(self.asked.definition()), lang))
            p.noprint { a href=(format!("/month?month={}", self.month)) { (lang.pick("返回本月填报", "Back to the month")) } }
        };
        cx.page(&title).status(status).show(&body)
    }

    /// What the project's execution is made of, and whether somebody has imported another figure.
    fn head(&self, lang: Lang) -> Markup {
        let (project, all) = (&self.opened.held.project, &self.opened.observations);
        let months: Vec<String> = all.iter().map(|it| term(it, lang)).collect();
        html! {
            dl {
                div { dt { (lang.pick("项目代码", "Code")) } dd { (project.code) } }
                div { dt { (lang.pick("全年预算数（元）", "Budget (yuan)")) } dd { (shown(&project.money.adjusted)) } }
                div {
                    dt { (lang.pick("全年执行数（元）", "Spent this year (yuan)")) }
                    dd { (shown(&project.money.executed)) }
                    @if !months.is_empty() { dd.hint { "= " (months.join(" + ")) } }
                }
            }
            @if let Some(sum) = self.opened.differs() {
                @let sum = grouped(sum);
                @let zh = format!("项目记录中的全年执行数与按月合计 {sum} 元不一致（可能另行导入过）；保存后以按月合计为准。如导入的数是对的，请把差额改入期初。");
                @let en = format!("the project's record does not say {sum}, what the months add up to; saving makes it so. If the record is right, put the difference into the opening.");
                (notice(Tone::Warn, lang.pick(&zh, &en)))
            }
        }
    }

    fn draw(&self, signed: &Signed, lang: Lang) -> Markup {
        let (typed, wrong) = (&self.typed, &self.wrong);
        let words = |name: &str| {
            let field = self.asked.definition().field(name);
            field.map(|field| (field.headed(lang.pick("元", "yuan"), lang), field.hint.clone())).unwrap_or_default()
        };
        let (spent_label, spent_hint) = words("spent");
        let (note_label, note_hint) = words("note");
        let spent = Field {
            name: "spent",
            label: &spent_label,
            value: &typed.spent,
            hint: &spent_hint,
            error: &wrong.spent,
            keys: "decimal",
            ..Field::default()
        };
        let opening = Field {
            name: "opening",
            label: lang.pick("期初：按月填报以前已执行（元）", "Opening: spent before reporting by month (yuan)"),
            value: &typed.opening,
            hint: lang.pick(
                "全年执行数 = 期初 + 各月支出；以前没有支出填 0，通常不用改",
                "spent this year = opening + all months; 0 for nothing; seldom changed",
            ),
            error: &wrong.opening,
            keys: "decimal",
            ..Field::default()
        };
        let note = LongText {
            name: "note",
            label: &note_label,
            value: &typed.note,
            hint: &note_hint,
            error: &wrong.note,
            longest: LONGEST_NOTE,
        };
        html! {
            form.card.large method="post" enctype="multipart/form-data" data-keep
                action=(format!("/month/{}", segment(&self.opened.held.project.code))) {
                (token(signed))
                input type="hidden" name="month" value=(self.month);
                input type="hidden" name="version" value=(self.opened.version());
                h2 { (month_name(self.month, lang)) }
                (spent.draw())
                @if !self.opened.held.lines.is_empty() {
                    fieldset {
                        legend { (lang.pick("截至本月底的实际完成值（没有新进展的可不填）", "Reached by the end of the month (leave empty what has not moved)")) }
                        @for line in &self.opened.held.lines { (self.output(line, lang)) }
                    }
                }
                (note.draw())
                (Added::of(self.asked.definition()).draw(&typed.more, &wrong.judged, lang))
                (self.evidence(lang))
                (opening.draw())
                button.main { (lang.pick("保存", "Save")) }
                a href=(format!("/month?month={}", self.month)) { (lang.pick("不保存，返回", "Back without saving")) }
            }
        }
    }

    fn output(&self, line: &ProjectIndicator, lang: Lang) -> Markup {
        let target = format!("{} {} {}", line.nature, line.target.raw(), line.unit);
        let before = latest(&self.opened.observations, line.seq).filter(|(month, _)| *month < self.month.number());
        let before = match before {
            Some((month, value)) => lang
                .pick(&format!("；{month} 月填报 {}", value.raw()), &format!("; month {month}: {}", value.raw()))
                .to_owned(),
            None if line.actual.is_missing() => String::new(),
            None => {
                lang.pick(&format!("；现为 {}", line.actual.raw()), &format!("; now {}", line.actual.raw())).to_owned()
            }
        };
        let value = self.typed.output(line.seq);
        let read = tongpin_domain::number::Typed::parse(value);
        let doubtful = line.nature != "定性" && read.value_in(&line.unit) == TypedValue::Text;
        let doubt = if doubtful {
            let zh = format!("；“{0}”不是一个确定的数，评分时须人工复核，能写成一个数的请写数", value.trim());
            lang.pick(&zh, &format!("; {:?} is not one number and is reviewed by a person", value.trim())).to_owned()
        } else {
            String::new()
        };
        let hint = format!("{}{}{before}{doubt}", lang.pick("年度指标值 ", "target "), target.trim());
        let name = format!("actual-{}", line.seq);
        let field = Field {
            name: &name,
            label: &format!("{}. {}", line.seq, line.name),
            value,
            hint: &hint,
            error: self.wrong.output(line.seq),
            ..Field::default()
        };
        field.draw()
    }

    /// The files that are kept with the month, each of which can be taken away, and a place for another.
    fn evidence(&self, lang: Lang) -> Markup {
        let error = &self.wrong.file;
        html! {
            @if !self.typed.evidence.is_empty() {
                fieldset {
                    legend { (lang.pick("已有佐证材料（去掉勾选即不再附上）", "Evidence so far (uncheck what is to go)")) }
                    @for file in &self.typed.evidence {
                        @let id = format!("evidence-{}", file.digest);
                        div.check {
                            input type="checkbox" id=(id) name="evidence" value=(format!("{}/{}", file.digest, file.name)) checked;
                            label for=(id) { (file.name) " " span.hint { (shown_bytes(file.bytes)) } }
                        }
                    }
                }
            }
            div.field {
                label for="file" { (lang.pick("增加佐证材料", "Add evidence")) }
                input id="file" name="file" type="file" accept=(CHOOSABLE) aria-describedby="file-hint"
                    aria-invalid=[(!error.is_empty()).then_some("true")];
                p.hint id="file-hint" { (lang.pick("照片 jpg、png 或 pdf、docx、xlsx，20 MB 以内；一次一件，保存后可再加。文件只留在本单位，县级只收到名称和摘要。",
                    "jpg, png, pdf, docx or xlsx up to 20 MB, one at a time. Files stay here; the county gets name and digest.")) }
                @if !error.is_empty() { p.error { (error) } }
            }
        }
    }

    /// All evidence of the project, to be downloaded.
    fn files(&self, lang: Lang) -> Markup {
        let code = segment(&self.opened.held.project.code);
        let reported = self.opened.observations.iter().filter(|it| !it.evidence.is_empty());
        let months: Vec<&Observation> = reported.collect();
        html! {
            @if !months.is_empty() {
                h2 { (lang.pick("下载佐证材料", "Download evidence")) }
                ul { @for it in months { @for file in &it.evidence {
                    li { (it.year) "-" (format!("{:02}", it.month)) " "
                        a href=(format!("/month/{code}/evidence/{}", file.digest)) { (file.name) } " " span.hint { (shown_bytes(file.bytes)) } }
                } } }
            }
        }
    }
}

/// One summand of a project's execution.
fn term(it: &Observation, lang: Lang) -> String {
    let spent = shown(&it.spent);
    let month = if it.month == OPENING {
        lang.pick("期初", "opening").to_owned()
    } else {
        lang.pick(&format!("{} 月", it.month), &format!("month {}", it.month)).to_owned()
    };
    format!("{month} {spent}")
}
