//! What the crate's own macros write, as far as the listing needs it: macros of one rule, whose repetitions are not nested.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::ItemMacro;

/// The rules of the crate's macros by name: what they match, and what they write.
#[derive(Debug, Default)]
pub(super) struct Macros(BTreeMap<String, (Vec<TokenTree>, Vec<TokenTree>)>);

/// What the variables of a macro stand for, and the rounds of its repetition.
#[derive(Clone, Debug, Default)]
struct Bound {
    one: BTreeMap<String, Vec<TokenTree>>,
    rounds: Vec<Bound>,
}

impl Macros {
    /// Takes up a `macro_rules!`. `prepared!` has optional parts, which cannot be followed; the listing knows it by name.
    pub(super) fn learn(&mut self, item: &ItemMacro) {
        let groups = item.mac.tokens.clone().into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream().into_iter().collect::<Vec<_>>()),
            _ => None,
        });
        if item.ident.as_ref().is_some_and(|name| name == super::PREPARED) {
            return;
        }
        if let (Some(name), [matcher, writer]) = (&item.ident, groups.collect::<Vec<_>>().as_slice()) {
            self.0.insert(name.to_string(), (matcher.clone(), writer.clone()));
        }
    }

    /// What a macro writes for these arguments; nothing if it is not one that can be followed.
    pub(super) fn expand(&self, name: &str, arguments: &TokenStream) -> Option<TokenStream> {
        let (matcher, writer) = self.0.get(name)?;
        let tokens: Vec<TokenTree> = arguments.clone().into_iter().collect();
        let mut bound = Bound::default();
        let used = matched(matcher, &tokens, &mut bound)?;
        (used == tokens.len()).then(|| written(writer, &bound))
    }
}

impl Macros {
    /// What a macro writes when some of its variables stand for one word each and nothing is repeated.
    pub(super) fn outline(&self, name: &str, words: &[(&str, &str)]) -> Option<TokenStream> {
        let (_, writer) = self.0.get(name)?;
        let word = |word: &str| vec![TokenTree::Ident(Ident::new(word, Span::call_site()))];
        let one = words.iter().map(|(variable, of)| ((*variable).to_owned(), word(of))).collect();
        Some(written(writer, &Bound { one, rounds: Vec::new() }))
    }
}

fn is(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// `$( .. ) separator? operator` at `at`: what is repeated, and how many tokens that was.
fn repetition(tokens: &[TokenTree], at: usize) -> Option<(Vec<TokenTree>, Option<&TokenTree>, usize)> {
    let TokenTree::Group(group) = tokens.get(at + 1).filter(|_| is(tokens.get(at), '$'))? else { return None };
    let inner = group.stream().into_iter().collect();
    let operator = |token: Option<&TokenTree>| ['+', '*', '?'].iter().any(|sign| is(token, *sign));
    if operator(tokens.get(at + 2)) {
        return Some((inner, None, 3));
    }
    operator(tokens.get(at + 3)).then_some((inner, tokens.get(at + 2), 4))
}

/// Matches a pattern from the beginning of the tokens; how many it took.
fn matched(pattern: &[TokenTree], tokens: &[TokenTree], bound: &mut Bound) -> Option<usize> {
    let (mut p, mut t) = (0, 0);
    while p < pattern.len() {
        if let Some((inner, separator, length)) = repetition(pattern, p) {
            loop {
                let mut round = Bound::default();
                let Some(used) = matched(&inner, &tokens[t..], &mut round).filter(|used| *used > 0) else { break };
                bound.rounds.push(round);
                t += used;
                match separator {
                    Some(sign) if tokens.get(t).map(ToString::to_string) == Some(sign.to_string()) => t += 1,
                    Some(_) => break,
                    None => {}
                }
            }
            p += length;
        } else if is(pattern.get(p), '$') {
            let kind = pattern.get(p + 3)?.to_string();
            let end = match kind.as_str() {
                "ident" | "literal" => t + 1,
                // A type or an expression goes up to what follows it in the pattern.
                _ => {
                    let next = pattern.get(p + 4).map(ToString::to_string);
                    let rest = tokens[t..].iter().position(|token| Some(token.to_string()) == next);
                    rest.map_or(tokens.len(), |length| t + length)
                }
            };
            bound
                .one
                .insert(pattern.get(p + 1)?.to_string(), tokens.get(t..end).filter(|part| !part.is_empty())?.to_vec());
            (p, t) = (p + 4, end);
        } else {
            match (pattern.get(p)?, tokens.get(t)?) {
                (TokenTree::Group(pattern), TokenTree::Group(group)) if pattern.delimiter() == group.delimiter() => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let pattern: Vec<TokenTree> = pattern.stream().into_iter().collect();
                    if matched(&pattern, &inner, bound)? != inner.len() {
                        return None;
                    }
                }
                (pattern, token) if pattern.to_string() == token.to_string() => {}
                _ => return None,
            }
            (p, t) = (p + 1, t + 1);
        }
    }
    Some(t)
}

fn written(writer: &[TokenTree], bound: &Bound) -> TokenStream {
    let mut text = TokenStream::new();
    let mut at = 0;
    while at < writer.len() {
        if let Some((inner, separator, length)) = repetition(writer, at) {
            for (n, round) in bound.rounds.iter().enumerate() {
                let mut round = round.clone();
                round.one.extend(bound.one.clone());
                text.extend(separator.filter(|_| n > 0).cloned());
                text.extend(written(&inner, &round));
            }
            at += length;
            continue;
        }
        match &writer[at] {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                let name = writer.get(at + 1).map(ToString::to_string).unwrap_or_default();
                match bound.one.get(&name) {
                    // Invisible brackets, as the compiler has them, would show in what is printed.
                    Some(tokens) => text.extend(tokens.clone()),
                    None => text.extend(writer.get(at + 1).cloned()),
                }
                at += 2;
                continue;
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let delimiter: Delimiter = group.delimiter();
                text.extend([TokenTree::Group(Group::new(delimiter, written(&inner, bound)))]);
            }
            token => text.extend([token.clone()]),
        }
        at += 1;
    }
    text
}
