//! Tags: elements, attributes, and the namespaces of both.

use xmpp_ws::xml::{Fault, Rule};

use super::{judge, refuses, takes};

#[test]
fn well_formed_elements() {
    takes(&[
        "<a/>",
        "<a />",
        "<a></a>",
        "<a></a >",
        "<a\n\t\r />",
        "<a/> \t\r\n",
        "<a>text</a>",
        "<a b='1' c=\"2\"/>",
        "<a b = '1'\tc\n=\r\"2\" />",
        "<a b='>'>></a>",
        "<a b='\"' c=\"'\"/>",
        "<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#x10FFFF;&#9;</a>",
        "<a b='&lt;&gt;&amp;&apos;&quot;&#65;&#x41;&#xa;'/>",
        "<a>&#0000000000000000000000000000000000000000000000065;</a>",
        "<a><![CDATA[<&>]]]]><![CDATA[>]]></a>",
        "<a>]] > ]></a>",
        "<a>\t\r\n</a>",
        "<a b='\t\r\n'/>",
        "<a><b><c/></b><b/></a>",
        "<a xml:lang='en'/>",
        "<xml:a/>",
        "<_a.b-c1/>",
        "<\u{e9}\u{10000}\u{b7}/>",
        "<\u{37f}\u{fdf0}\u{fffd}/>",
        "<a>\u{7f}\u{80}\u{9f}\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}</a>",
        "<a>\u{ff01}\u{efff}\u{f000}</a>",
    ]);
}

#[test]
fn tags() {
    refuses(&[
        ("<a></b>", Rule::EndTag, 5),
        ("<a></ab>", Rule::EndTag, 5),
        ("<ab></a>", Rule::EndTag, 6),
        ("<a></A>", Rule::EndTag, 5),
        ("<a><b></a></b>", Rule::EndTag, 8),
        ("</a>", Rule::Name, 1),
        ("<a></a b='1'>", Rule::Tag, 7),
        ("<a></a/>", Rule::EndTag, 5),
        ("<a></ a>", Rule::Name, 5),
        ("<a></>", Rule::Name, 5),
        ("< a/>", Rule::Name, 1),
        ("<>", Rule::Name, 1),
        ("<></>", Rule::Name, 1),
        ("<a / >", Rule::Tag, 4),
        ("<a/ >", Rule::Tag, 3),
        ("<a/b>", Rule::Tag, 3),
        ("<a/n/>", Rule::Tag, 3),
        ("<a<n/>", Rule::Tag, 2),
        ("<a'>", Rule::Tag, 2),
        ("<1m/>", Rule::Name, 1),
        ("<-m/>", Rule::Name, 1),
        ("<.m/>", Rule::Name, 1),
        ("<m,n/>", Rule::Tag, 2),
        ("<m$/>", Rule::Tag, 2),
        ("<m\0/>", Rule::Character, 2),
        ("<m\u{1}/>", Rule::Character, 2),
        ("<m\u{d7}/>", Rule::Tag, 2),
        ("<m\u{a0}/>", Rule::Tag, 2),
        ("<\u{d7}/>", Rule::Name, 1),
        ("<\u{b7}/>", Rule::Name, 1),
        ("<\u{300}/>", Rule::Name, 1),
        ("<\u{f0000}/>", Rule::Name, 1),
        ("<m\u{fffe}/>", Rule::Character, 2),
        ("<a><></a>", Rule::Name, 4),
    ]);
}

#[test]
fn attributes() {
    refuses(&[
        ("<a b/>", Rule::AttributeEquals, 4),
        ("<a b c='1'/>", Rule::AttributeEquals, 5),
        ("<a b=1/>", Rule::AttributeQuotes, 5),
        ("<a b=/>", Rule::AttributeQuotes, 5),
        ("<a b='1\"/>", Rule::Unfinished, 10),
        ("<a ='1'/>", Rule::Name, 3),
        ("<a 'b'/>", Rule::Name, 3),
        ("<a 1b='1'/>", Rule::Name, 3),
        ("<a b$='1'/>", Rule::AttributeEquals, 4),
        ("<a b='1'c='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1':c='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1'\u{e9}='2'/>", Rule::AttributeSpace, 8),
        ("<a b='1''/>", Rule::Tag, 8),
        ("<a b='<'/>", Rule::AttributeValue, 6),
        ("<a b='&'/>", Rule::Reference, 6),
        ("<a b='&amp'/>", Rule::Reference, 6),
        ("<a b='&foo;'/>", Rule::Entity, 6),
        ("<a b='&#0;'/>", Rule::CharacterReference, 6),
        ("<a b='\0'/>", Rule::Character, 6),
        ("<a b='\u{1}'/>", Rule::Character, 6),
        ("<a b='\u{1f}'/>", Rule::Character, 6),
        ("<a b='\u{fffe}'/>", Rule::Character, 6),
        ("<a b='\u{ffff}'/>", Rule::Character, 6),
        ("<a b='1' b='2'/>", Rule::DuplicateAttribute, 9),
        ("<a b='1' c='' b='1'/>", Rule::DuplicateAttribute, 14),
        ("<a xml:lang='' xml:lang=''/>", Rule::DuplicateAttribute, 15),
        ("<a xmlns='u' xmlns='u'/>", Rule::DuplicateAttribute, 13),
        ("<a xmlns:p='u' xmlns:p='v'/>", Rule::DuplicateAttribute, 15),
        ("<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", Rule::DuplicateExpandedName, 34),
        ("<a xmlns:p='u' xmlns:q='&#117;' p:b='' q:b=''/>", Rule::DuplicateExpandedName, 39),
        ("<x xmlns:p='u'><a xmlns:q='u' q:b='' b='' p:b=''/></x>", Rule::DuplicateExpandedName, 42),
    ]);
    takes(&[
        "<a xmlns:p='u' xmlns:q='v' p:b='' q:b='' b=''/>",
        "<a xmlns:p='u' xmlns='u' p:b='' b=''/>",
        "<a B='' b=''/>",
    ]);
}

#[test]
fn twice_among_many() {
    let many: Vec<_> = (0..100).map(|number| format!(" a{number}=''")).collect();
    let many = many.concat();
    takes(&[&format!("<a{many}/>")]);
    for twice in [0, 15, 16, 17, 50, 99] {
        let text = format!("<a{many} a{twice}=''/>");
        let fault = Fault { rule: Rule::DuplicateAttribute, offset: 2 + many.len() + 1 };
        assert_eq!(judge(&text), Err(fault), "a{twice}");
        let text = format!("<a a{twice}=''{many}/>");
        let offset = text.rfind(&format!(" a{twice}=")).expect("it is there") + 1;
        assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }));
    }
}

#[test]
fn twice_among_names_that_end_alike() {
    let name = |number: u8| format!("{}_ends_alike", char::from(b'a' + number));
    let each = |count| {
        let attributes: Vec<_> = (0..count).map(|number| format!(" {}=''", name(number))).collect();
        attributes.concat()
    };
    for count in 1..20 {
        takes(&[&format!("<a{}/>", each(count))]);
    }
    for count in 1..8 {
        // The first fault counts, although another follows.
        let text = format!("<a{} {}='' b=''c=''/>", each(count), name(count - 1));
        let offset = 2 + each(count).len() + 1;
        assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }), "{text}");
    }
    let text = format!("<a{} {}=''/>", each(20), name(19));
    let offset = 2 + each(20).len() + 1;
    assert_eq!(judge(&text), Err(Fault { rule: Rule::DuplicateAttribute, offset }), "{text}");
}

#[test]
fn namespaces() {
    takes(&[
        "<a xmlns=''/>",
        "<a xmlns='u'><b xmlns=''/></a>",
        "<p:a xmlns:p='u'><p:b p:c=''/></p:a>",
        "<a xmlns:p='u'><b xmlns:p='v'><p:c/></b><p:d/></a>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p=' '/>",
        "<a xmlns:p='xmlns'/>",
    ]);
    refuses(&[
        ("<p:a/>", Rule::UnboundPrefix, 1),
        ("<stream:error/>", Rule::UnboundPrefix, 1),
        ("<a p:b=''/>", Rule::UnboundPrefix, 3),
        ("<a><b xmlns:p='u'/><p:c/></a>", Rule::UnboundPrefix, 20),
        ("<a><b xmlns:p='u'></b><p:c/></a>", Rule::UnboundPrefix, 23),
        ("<a xmlns:p=''/>", Rule::EmptyNamespace, 3),
        ("<a xmlns:p='u'><b xmlns:p=''/></a>", Rule::EmptyNamespace, 18),
        ("<a xmlns:xml='u'/>", Rule::ReservedPrefix, 3),
        ("<a xmlns:xmlns='u'/>", Rule::ReservedPrefix, 3),
        ("<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedPrefix, 3),
        ("<xmlns:m/>", Rule::ReservedPrefix, 1),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns='http://www.w3.org/2000/xmln&#115;/'/>", Rule::ReservedNamespace, 3),
        ("<a xmlns:p='&#104;ttp://www.w3.org/2000/xmlns/'/>", Rule::ReservedNamespace, 3),
        ("<a:b:c/>", Rule::QualifiedName, 4),
        ("<:m/>", Rule::QualifiedName, 1),
        ("<:/>", Rule::QualifiedName, 1),
        ("<p:/>", Rule::QualifiedName, 3),
        ("<p:1 xmlns:p='u'/>", Rule::QualifiedName, 3),
        ("<p:-m/>", Rule::QualifiedName, 3),
        ("<a xmlns:=''/>", Rule::QualifiedName, 9),
        ("<a :b=''/>", Rule::QualifiedName, 3),
        ("<a b:c:d=''/>", Rule::QualifiedName, 6),
        ("<p:a xmlns:p='u' xmlns:q='u'></q:a>", Rule::EndTag, 31),
    ]);
}
