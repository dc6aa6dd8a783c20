//! Letting a township in, for the first time or again: a token that works once, on a sheet to be handed over.

use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::duty::Duty;
use tongpin_console::web::list::Asked;
use tongpin_console::web::{Field, PageError, Posted, Signed, Tone, notice, qr, token};
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::{RegionCode, Regions};
use tongpin_link::admin::{AdminError, Invited};

use super::show;
use crate::app::App;
use crate::guidance;
use crate::ops::townships::{self, Invitation};
use crate::web::parts::Context;

/// Days that a token is good for, unless another number is typed, and the most.
const DAYS: u32 = 7;
const MOST_DAYS: u32 = 30;

/// What was typed, and what is wrong with each field.
#[derive(Default)]
pub(super) struct Form {
    region: String,
    address: String,
    days: String,
    wrong_region: String,
    wrong_address: String,
    wrong_days: String,
}

impl Form {
    /// An empty form for a region.
    pub(super) fn asked(region: &str) -> Self {
        Self { region: region.to_owned(), days: DAYS.to_string(), ..Self::default() }
    }

    /// Whether something is wrong with it.
    pub(super) fn is_wrong(&self) -> bool {
        [&self.wrong_region, &self.wrong_address, &self.wrong_days].iter().any(|wrong| !wrong.is_empty())
    }

    /// Draws it.
    pub(super) fn draw(&self, app: &App, regions: &Regions, signed: &Signed, lang: Lang) -> Markup {
        let own = app.site.region();
        let below: Vec<String> = regions
            .iter()
            .filter(|region| regions.same(&region.parent_code, &own))
            .map(|region| format!("{} {}", region.code, region.name))
            .collect();
        let hint = if below.is_empty() {
            let example = format!("{own}101");
            lang.pick(&format!("9 位区划代码，如 {example}"), &format!("a code of nine digits, such as {example}"))
                .to_owned()
        } else {
            below.join(lang.pick("，", ", "))
        };
        let region = Field {
            name: "region",
            label: lang.pick("区划代码", "Region"),
            value: &self.region,
            hint: &hint,
            error: &self.wrong_region,
            keys: "numeric",
            ..Field::default()
        };
        let address = Field {
            name: "address",
            label: lang.pick("对方连接本节点的地址", "Where it connects to"),
            value: if self.address.is_empty() { &app.settings.common.public_address } else { &self.address },
            hint: lang.pick("主机:端口，如 10.1.2.3:7402", "host:port, such as 10.1.2.3:7402"),
            error: &self.wrong_address,
            ..Field::default()
        };
        let days = Field {
            name: "days",
            label: lang.pick("加入码有效天数", "Days that the token is good for"),
            value: &self.days,
            error: &self.wrong_days,
            keys: "numeric",
            ..Field::default()
        };
        html! {
            h2 id="invite" { (lang.pick("邀请乡镇", "Invite a township")) }
            form.card method="post" action="/townships/invite" {
                (token(signed))
                p.hint { (lang.pick("已加入或已吊销的乡镇也可重新邀请：换发新证书，已收到的数据保留。",
                    "One that has joined or was cut off can be invited again: it gets a new certificate, its data stays.")) }
                (region.draw()) (address.draw()) (days.draw())
                button.main { (lang.pick("生成加入码", "Make a token")) }
            }
        }
    }

    /// Puts a refusal to the field that it is about.
    fn refused(&mut self, error: &AdminError, lang: Lang) {
        let said = error.say(lang);
        match error {
            AdminError::Address(_) => self.wrong_address = said,
            AdminError::Days(_) => self.wrong_days = said,
            _ => self.wrong_region = said,
        }
    }
}

/// The page that the sheet is shown on. The sheet itself waits for the reader who made it, in memory alone.
pub(super) async fn get(cx: Context) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let body = html! {
        div.noprint {
            p.hint { (lang.pick("加入码只在生成后显示一次；没有留下的，请重新邀请，原加入码随即作废。",
                "A token is shown once, when it is made; whoever has lost it is invited again.")) }
            p { a href="/townships" { (lang.pick("返回乡镇列表", "Back to the townships")) } }
        }
    };
    Ok(cx.page(lang.pick("加入码", "Token")).show(&body))
}

/// Makes a token, and leads to the page that shows it, this once.
pub(super) async fn post(cx: Context, Posted(typed): Posted) -> Result<Response, PageError> {
    cx.must(&[Duty::System]).await?;
    let lang = cx.lang();
    let text = |name| typed.text(name).to_owned();
    let mut form = Form { region: text("region"), address: text("address"), days: text("days"), ..Form::default() };
    let region = RegionCode::new(&form.region);
    let days = form.days.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    if region.is_err() {
        lang.pick("应为 9 位区划代码", "a code of nine digits").clone_into(&mut form.wrong_region);
    }
    if days.is_none() {
        lang.pick("1 至 30 天", "1 to 30").clone_into(&mut form.wrong_days);
    }
    let (Ok(region), Some(days)) = (region, days) else {
        return show(&cx, &Asked::at("/townships"), &form).await;
    };
    let by = cx.person().name;
    let entry = cx.audit_entry("node_invite", region.as_str(), "");
    let invitation = Invitation { region: &region, address: &form.address, days, by: &by };
    match townships::invite(&cx.app, &invitation, &entry).await {
        Ok(invited) => {
            let name = guidance::region_name(cx.app.store(), &region).await?;
            Ok(cx.led_to("/townships/invite", &sheet(&invited, &region, &name, lang)))
        }
        Err(error) => {
            form.refused(&error, lang);
            show(&cx, &Asked::at("/townships"), &form).await
        }
    }
}

/// The sheet that is handed over.
fn sheet(invited: &Invited, region: &RegionCode, name: &str, lang: Lang) -> Markup {
    let text = invited.token.text();
    html! {
        div.noprint { (notice(Tone::Good, lang.pick("请打印或抄录后当面交给对方；此页离开后不再显示，加入码用过即失效。",
            "Print it and hand it over in person; it is not shown again, and works once."))) }
        @if invited.joined_before {
            (notice(Tone::Warn, lang.pick("该单位以前加入过：使用新加入码后，原证书由新证书代替，已有数据保留。",
                "It has joined before: the new certificate takes the place of the old one, its data stays.")))
        }
        @for remark in invited.remarks(region, lang) { (notice(Tone::Warn, &remark)) }
        dl {
            div { dt { (lang.pick("单位", "Node")) } dd { (name) " " (invited.token.region) } }
            div { dt { (lang.pick("连接地址", "Connects to")) } dd { (invited.token.address) } }
            div { dt { (lang.pick("有效期至", "Good until")) } dd { (invited.expires_at) } }
        }
        h2 { (lang.pick("加入码", "Token")) }
        p { code { (text) } }
        (qr(&text, lang.pick("加入码的二维码", "QR code of the token")))
        p { (lang.pick("在该单位的机器上运行：", "On its machine run: ")) code { "tongpin-node join @token.txt" }
            (lang.pick("（token.txt 里放上面的加入码），再运行 ", " (with the token in token.txt), then ")) code { "tongpin-node serve" } }
        p.noprint { button type="button" data-print { (lang.pick("打印", "Print")) } }
    }
}
