//! What an import would do, or did: read, doubtful, wrong, and how the draft differs from what is published.

use std::io;

use tongpin_console::exit::Exit;
use tongpin_console::output::Output;
use tongpin_domain::intake::Problem;
use tongpin_domain::lang::Say;

use crate::ops::catalogs::titled;
use crate::ops::import::{Before, Preview};
use tongpin_console::output::Printed;

/// How many lines of each kind are shown to a person.
const SHOWN: usize = 20;

impl Preview {
    fn tell_problems(&self, output: Output) -> io::Result<()> {
        let said = |problems: &[Problem]| -> Vec<String> { problems.iter().map(|one| one.say(output.lang)).collect() };
        if !self.warnings.is_empty() {
            let count = self.warnings.len();
            let zh = format!("提示 {count} 处（不影响导入，请核对）：");
            output.tell(output.pick(&zh, &format!("{count} doubtful (imported all the same):")))?;
            output.tell_list(&said(&self.warnings), SHOWN)?;
        }
        if !self.problems.is_empty() {
            let count = self.problems.len();
            output.tell(output.pick(&format!("错误 {count} 处："), &format!("{count} wrong:")))?;
            output.tell_list(&said(&self.problems), SHOWN)?;
        }
        Ok(())
    }

    fn tell_changes(&self, output: Output) -> io::Result<()> {
        let changes = &self.changes.changes;
        let [zh, en] = &self.told;
        let (zh, en) = match (&self.draft, self.release) {
            (Some(Before { by, at }), _) => {
                let (fate, does) = if self.merged { ("并入", "joins") } else { ("整份替换", "replaces") };
                let zh = format!("已有草稿（经办 {by}，{at}），文件{fate}这份草稿。与它相比：{zh}");
                (zh, format!("There is a draft by {by} of {at}, which the file {does}. Against it: {en}"))
            }
            (None, 0) => (format!("首次发布：{zh}"), format!("First release: {en}")),
            (None, release) => {
                (format!("与已发布的第 {release} 版相比：{zh}"), format!("Against release {release}: {en}"))
            }
        };
        output.tell(output.pick(&zh, &en))?;
        if !changes.retired.is_empty() {
            let (zh, en) = if self.draft.is_some() {
                ("将从草稿去掉：", "Would leave the draft:")
            } else {
                ("将停用：", "Would be retired:")
            };
            output.tell(output.pick(zh, en))?;
            output.tell_list(&changes.retired, SHOWN)?;
        }
        Ok(())
    }
}

impl Printed for Preview {
    fn tell(&self, output: Output) -> io::Result<()> {
        let (name, files, accepted) = (titled(&self.catalog), self.files.join("、"), self.accepted);
        if !self.files.is_empty() {
            let zh = format!("目录 {name}：从 {files} 读取 {accepted} 条");
            output.tell(output.pick(&zh, &format!("Catalog {}: {accepted} entries from {files}", self.catalog)))?;
        }
        self.tell_problems(output)?;
        if !self.problems.is_empty() {
            let zh = "整份文件未导入，草稿没有改动。请改正后重新导入。";
            return output.tell(output.pick(zh, "Nothing was imported and the draft is as it was."));
        }
        self.tell_changes(output)?;
        if self.dry_run {
            return output.tell(output.pick("仅预览，未存草稿。", "A preview only: no draft was made."));
        }
        let (catalog, by) = (&self.catalog, &self.by);
        let zh = format!(
            "已存为草稿（经办：{by}）。\n下一步：tongpin-hub diff {catalog} 查看差异；由另一人审核发布：tongpin-hub publish {catalog} --by 审核人"
        );
        let en = format!(
            "The draft is stored (by {by}).\nNext: tongpin-hub diff {catalog}; then another person: tongpin-hub publish {catalog} --by NAME"
        );
        output.tell(output.pick(&zh, &en))
    }

    fn exit(&self) -> Exit {
        if self.problems.is_empty() { Exit::Done } else { Exit::Input }
    }
}
