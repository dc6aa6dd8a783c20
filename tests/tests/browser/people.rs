//! The people who meet the console, and what they do there.

use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use serde_json::Value;

use crate::TAB;
use crate::driver::Browser;

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
    /// The password that this person chooses.
    pub(crate) password: &'static str,
}

pub(crate) const ADMINISTRATOR: Person =
    Person { name: "xitong", display_name: "系统管理员001", password: "Lantern-harbour-7" };
pub(crate) const SECURITY: Person =
    Person { name: "anquan", display_name: "安全管理员001", password: "Copper-meadow-52" };
pub(crate) const CLERK: Person =
    Person { name: "预算科-01", display_name: "预算绩效科经办001", password: "Willow-orbit-318" };
pub(crate) const AUDITOR: Person =
    Person { name: "shenji", display_name: "审计员001", password: "Granite-ferry-64" };

impl Browser {
    /// Whoever opens a new hub is led to the first start; a wrong code is told at its field.
    pub(crate) async fn first_start(&self, code: &str) -> Result<()> {
        self.goto("/").await?;
        self.is_at("/first").await?;
        self.look("first-start").await?;
        self.fill_first("AAAA-AAAA-AAAA").await?;
        self.says("#code-error", "启用码不正确").await?;
        let field = self.find("#code").await?;
        ensure!(field.attr("aria-invalid").await?.as_deref() == Some("true"), "the field is marked");
        let described = field.attr("aria-describedby").await?.unwrap_or_default();
        ensure!(described.contains("code-error"), "the field is tied to what is wrong with it");
        self.look("first-start-wrong").await?;
        self.fill_first(code).await?;
        self.is_at("/sign-in").await
    }

    /// Makes the administrator, without looking around.
    pub(crate) async fn make_first(&self, code: &str) -> Result<()> {
        self.goto("/").await?;
        self.fill_first(code).await
    }

    async fn fill_first(&self, code: &str) -> Result<()> {
        let Person { name, display_name, password } = ADMINISTRATOR;
        let fields = [("code", code), ("name", name), ("display_name", display_name)];
        self.fill(&fields).await?;
        self.fill(&[("password", password), ("again", password)]).await?;
        self.press("建立账号").await
    }

    /// Signs in with the own password and comes to the first page.
    pub(crate) async fn sign_in(&self, person: &Person) -> Result<()> {
        self.fill(&[("name", person.name), ("password", person.password)]).await?;
        self.press("登录").await?;
        self.is_at("/").await?;
        self.says(".who", person.display_name).await
    }

    /// Signs in with what somebody else handed over, and can do nothing before choosing an own password.
    pub(crate) async fn choose_own_password(&self, person: &Person, given: &str) -> Result<()> {
        self.fill(&[("name", person.name), ("password", given)]).await?;
        self.press("登录").await?;
        self.is_at("/me").await?;
        self.goto("/").await?;
        self.is_at("/me").await?;
        self.says(".notice.warn", "临时密码").await?;
        self.look("choose-password").await?;
        self.fill(&[("old", given), ("password", person.password), ("again", person.password)]).await?;
        self.press("修改密码").await?;
        self.is_at("/").await
    }

    /// Makes an account and returns the password that the page shows.
    pub(crate) async fn make(&self, person: &Person, security: bool) -> Result<String> {
        self.press("账号").await?;
        self.press("新建账号").await?;
        self.fill(&[("name", person.name), ("display_name", person.display_name)]).await?;
        let offered = self.client.find_all(Locator::Css("#security-1")).await?;
        ensure!(offered.is_empty() != security, "the security administrator is named once");
        if security {
            self.check("security-1").await?;
        }
        self.look(if security { "account-new-security" } else { "account-new" }).await?;
        self.press("建立账号").await?;
        self.says(".notice.good", "账号已就绪").await?;
        self.look("account-ready").await?;
        self.text("dd code").await
    }

    /// Gives a duty.
    pub(crate) async fn give(&self, person: &Person, duty: &str) -> Result<()> {
        self.press("账号").await?;
        self.press(person.name).await?;
        self.check(duty).await?;
        self.look("account-duties").await?;
        self.press("保存岗位").await?;
        self.is_at("/accounts").await
    }

    /// Opens the log, searches it, finds what was refused, and checks the chain.
    pub(crate) async fn audit(&self) -> Result<()> {
        self.press("审计日志").await?;
        self.is_at("/audit").await?;
        self.says("tbody", "首次启用").await?;
        self.look("audit").await?;
        self.fill(&[("text", "/audit")]).await?;
        self.find("[name=refused]").await?.click().await?;
        self.press("查询").await?;
        self.says("tbody tr", CLERK.name).await?;
        self.says("tbody tr", "拒绝").await?;
        let rows = self.client.find_all(Locator::Css("tbody tr")).await?;
        ensure!(rows.len() == 1, "one attempt was refused there, but {} are listed", rows.len());
        self.look("audit-search").await?;
        self.fill(&[("text", "没有这样的记录")]).await?;
        self.press("查询").await?;
        self.says(".empty", "没有符合条件的记录").await?;
        self.look("audit-empty").await?;
        self.press("核验完整性").await?;
        self.says(".notice.good", "日志完整").await?;
        self.look("audit-checked").await?;
        self.goto("/me").await?;
        self.look("me").await
    }

    /// What has the focus, by its id or else its words, and whether a reader sees that it has it.
    pub(crate) async fn focus(&self) -> Result<(String, bool)> {
        let focus = "const it = document.activeElement, style = getComputedStyle(it);
            return [it.id || it.innerText, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]";
        let focus = self.client.execute(focus, Vec::new()).await?;
        let seen = focus[1] == Value::Bool(true);
        Ok((focus[0].as_str().context("an element that has words")?.to_owned(), seen))
    }

    /// Presses Tab until this has the focus.
    pub(crate) async fn tab_to(&self, wanted: &str) -> Result<()> {
        let mut passed = Vec::new();
        while passed.len() < 12 {
            self.key(TAB).await?;
            let (focus, seen) = self.focus().await?;
            ensure!(seen, "nobody sees that {focus:?} has the focus");
            if focus == wanted {
                return Ok(());
            }
            passed.push(focus);
        }
        anyhow::bail!("Tab does not reach {wanted:?}, only {passed:?}")
    }
}
