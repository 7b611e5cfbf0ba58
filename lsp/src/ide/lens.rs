//! A line above an instance whose peers are known: who is master, how long a failover takes.

use super::View;
use super::company::Company;
use kalc_grammar::config::SettingId;
use kalc_grammar::source::Span;

/// A line of text above a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The first line of the block.
    pub span: Span,
    /// What to say.
    pub title: String,
}

/// The lines for the instances of a file.
pub fn lenses(company: &Company, view: View<'_>) -> Vec<Lens> {
    let instances = view.host.ir.vrrp_instances.iter().enumerate();
    let lens = |(index, instance): (usize, &kalc_ir::vrrp::Instance)| {
        let standing = company.standing(view.reading, index)?;
        let statement = view.host.config.setting(SettingId(instance.origin.0));
        Some(Lens { span: view.typed(statement.span)?, title: standing.line() })
    };
    instances.filter_map(lens).collect()
}
