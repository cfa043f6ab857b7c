import TestSupport
import Testing

/// What templates of release jobs get, as from BOSH's director.
@Suite(
  "Templates of release jobs",
  .waits,
  .enabled(if: Tool.isAllRequired || Tool.ruby.works("-e", "0"))
)
struct TemplateRuleTests {
  private static let spec = """
    properties:
      port: {default: 80}
      host: {description: nothing else}
      debug: {default: false}
      tls.key: {}
      tls.names: {default: [a, b]}
      users: {default: {z: 1, b: {y: 2, x: 3}}}
    consumes:
    - {name: db, type: sql, optional: true}
    - {name: cache, type: redis, optional: true}

    """

  private static let links = """
    links:
      db:
        address: db.internal
        properties: {port: 5432, tls: {on: false, used: false}}
        instances:
        - {name: db, index: 0, id: i-0, az: z1, address: 10.0.0.3, bootstrap: true, properties: {a: 1}}
        - {name: db, index: 1, id: i-1, az: z2, address: 10.0.0.4, bootstrap: false}

    """

  private static let instance = """
    spec:
      deployment: shop
      name: front
      index: 2
      id: c0ffee
      az: z3
      networks:
        private: {ip: 10.0.0.9, netmask: 255.255.255.0, default: [dns]}
        public: {ip: 192.0.2.7, default: [gateway]}

    """

  struct Case: Sendable, CustomTestStringConvertible {
    var rule: String
    var template: String
    var properties = ""
    var renders: String
    var testDescription: String { rule }

    init(_ rule: String, _ template: String, _ properties: String = "", renders: String) {
      (self.rule, self.template, self.properties, self.renders) =
        (rule, template, properties, renders)
    }
  }

  /// All of them are templates of one release job.
  static let cases = [
    Case("a default counts as set", "<%= p('port') %>", renders: "80"),
    Case("a value goes before the default", "<%= p('tls.key') %>", renders: "given"),
    Case("the first that is set", "<%= p(['host', 'tls.key', 'port']) %>", renders: "given"),
    Case("a default of the call", "<%= p('host', 'x') %>", renders: "x"),
    Case("nil as a default of the call", "<%= p('host', nil).inspect %>", renders: "nil"),
    Case("false is a value", "<%= p('debug', true) %>", renders: "false"),
    Case("keys arrive sorted", "<%= p('users').to_json %>", renders: #"{"b":{"x":3,"y":2},"z":1}"#),
    Case(
      "if_p has the values",
      "<% if_p('port', 'tls.key') do |a, b| %><%= a %>-<%= b %><% end %>",
      renders: "80-given"
    ),
    Case(
      "if_p counts false as present",
      "<% if_p('debug') do |v| %>is <%= v %><% end %>",
      renders: "is false"
    ),
    Case(
      "if_p wants all",
      "<% if_p('port', 'host') do %>no<% end.else do %>else<% end %>",
      renders: "else"
    ),
    Case(
      "else of a block that ran",
      "<% if_p('port') do %>yes<% end.else do %>no<% end %>",
      renders: "yes"
    ),
    Case(
      "else_if_p, then else_if_link, then else",
      "<% if_p('host') do %>1<% end.else_if_p('host') do %>2<% end.else_if_link('cache') do %>3"
        + "<% end.else_if_p('port') do |v| %>4 <%= v %><% end.else do %>5<% end %>",
      renders: "4 80"
    ),
    Case(
      "if_link of none",
      "<% if_link('cache') do %>1<% end.else do %>none<% end %>",
      renders: "none"
    ),
    Case("if_link", "<% if_link('db') do |l| %><%= l.instances.size %><% end %>", renders: "2"),
    Case("link.p", "<%= link('db').p('port') %> <%= link('db').p('none', 7) %>", renders: "5432 7"),
    Case(
      "link.if_p",
      "<% link('db').if_p('tls.used') do |v| %><%= v %><% end %>",
      renders: "false"
    ),
    Case("link.properties", "<%= link('db').properties['port'] %>", renders: "5432"),
    Case("link.address", "<%= link('db').address(azs: ['z1']) %>", renders: "db.internal"),
    Case(
      "instances of a link",
      "<% link('db').instances.each do |i| %><%= [i.name, i.index, i.id, i.az, i.address, "
        + "i.bootstrap].join(',') %>;<% end %><%= link('db').instances[0].p('a') %>",
      renders: "db,0,i-0,z1,10.0.0.3,true;db,1,i-1,z2,10.0.0.4,false;1"
    ),
    Case(
      "an unknown link",
      "<% begin; link('cache'); rescue UnknownLink => e %>rescued<% end %>",
      renders: "rescued"
    ),
    Case(
      "spec.networks.methods(false)",
      "<%= spec.networks.methods(false).map(&:to_s).join(',') %> <%= spec.networks.public.ip %>",
      renders: "private,public 192.0.2.7"
    ),
    Case(
      "spec",
      "<%= [spec.deployment, spec.name, spec.job.name, spec.index, spec.id, spec.az, spec.ip, "
        + "spec.address, spec.bootstrap, spec.release.name].join(' ') %>",
      renders: "shop front front 2 c0ffee z3 192.0.2.7 192.0.2.7 false shop"
    ),
    Case("what spec does not have", "<%= spec.colour.inspect %>", renders: "nil"),
    Case("name and index", "<%= name %>/<%= index %>", renders: "front/2"),
    Case("properties", "<%= properties.tls.key %> <%= properties.port %>", renders: "given 80"),
    Case("raw_properties", "<%= raw_properties['tls']['key'] %>", renders: "given"),
    Case(
      "what is not declared is not there",
      "<%= p('other', 'hidden') %>",
      renders: "hidden"
    ),
    Case("trim mode", "a\n<% if true -%>\nb\n<% end -%>\nc\n", renders: "a\nb\nc\n"),
    Case("methods", "<% def twice(x) = x * 2 %><%= twice(21) %>", renders: "42"),
    Case(
      "rescue of UnknownProperty by its long name",
      "<% begin; p('host'); rescue Bosh::Common::Template::UnknownProperty => e %>"
        + "<%= e.name.inspect %><% end %>",
      renders: #"["host"]"#
    ),
    Case("require", "<% require 'shellwords' %><%= 'a b'.shellescape %>", renders: #"a\ b"#),
    Case(
      "libraries of the director",
      "<%= Base64.strict_encode64('a') %> <%= URI('http://a/b').path %>",
      renders: "YQ== /b"
    ),
    Case(
      "blank? and presence",
      "<%= ''.blank? %> <%= [1].present? %> <%= ' '.presence.inspect %>",
      renders: "true true nil"
    ),
    Case(
      "a change of what p gave",
      "<% p('tls.names') << 'c' %><%= p('tls.names').join %>",
      renders: "abc"
    ),
    Case("stays in its template", "<%= p('tls.names').join %>", renders: "ab"),
    Case("what it prints", "<% puts 'noise'; print 'end 0' %>text", renders: "text"),
  ]

  @Test("BOSH 10.3 and 10.4: what a template is given")
  func context() throws {
    let sandbox = try Sandbox()
    var spec = "---\nname: web\n\(Self.spec)templates:\n"
    for (index, item) in Self.cases.enumerated() {
      spec += "  \(index).erb: config/\(index)\n"
      try sandbox.write("release/jobs/web/templates/\(index).erb", item.template)
    }
    try sandbox.write("release/jobs/web/spec", spec)
    try sandbox.write("release/config/final.yml", "name: shop\n")
    let properties = "properties: {tls: {key: given}, other: 1}\n" + Self.links + Self.instance
    try sandbox.write("web.yml", properties)
    try sandbox.folder("vm")
    try sandbox.lockstep(
      "render",
      "release",
      "--job",
      "web",
      "--properties",
      "web.yml",
      "--vm",
      "vm"
    )
    .expect(0).complains("'other' is not a property of web")
    for (index, item) in Self.cases.enumerated() {
      let text = sandbox.text("vm/jobs/web/config/\(index)")
      #expect(text == item.renders, "\(item.rule): \(item.template)")
    }
  }

  @Test("BOSH 10.3: p without a value is UnknownProperty, and says which and where")
  func missingProperty() throws {
    let (text, finished) = try TestRelease.render("a\n<%= p('tls.key') %>\n", spec: Self.spec)
    #expect(text == nil)
    finished.expect(2).complains(
      "jobs/web/templates/a.erb:2",
      "no property 'tls.key'",
      "no default"
    )
    try TestRelease.render("<%= p('prot') %>", spec: Self.spec).finished
      .expect(2).complains("does not declare it", "did you mean 'port'?")
  }

  @Test(
    "A name that only shares its beginning is not suggested",
    arguments: [("tls.kye", true), ("tls.certificate_of_ours", false), ("portal.key", false)]
  )
  func nearNames(name: String, isNear: Bool) throws {
    let finished = try TestRelease.render("<%= p('\(name)') %>", spec: Self.spec).finished
    #expect(finished.expect(2).err.contains("did you mean") == isNear, finished.shown)
  }

  @Test("BOSH 10.3: a missing link is UnknownLink")
  func missingLink() throws {
    try TestRelease.render("<%= link('db').address %>", spec: Self.spec).finished
      .expect(2).complains("a.erb:1", "no link 'db'", "give links.db")
    try TestRelease.render("<%= link('db').p('x') %>", spec: Self.spec, properties: Self.links)
      .finished.expect(2).complains("no property 'x' of the link 'db'", "links.db.properties")
  }

  @Test("BOSH 10.3: a link that is not optional must be given")
  func requiredLink() throws {
    let spec = "consumes: [{name: db, type: sql}]\n"
    try TestRelease.render("a", spec: spec).finished
      .expect(2).complains("does not give the link 'db' (of type 'sql')")
    try TestRelease.render("a", spec: spec, properties: "links: {db: {address: x}}\n").finished
      .expect(2).complains("links.db has no list of instances")
  }

  @Test(
    "No value of the instance is invented",
    arguments: [
      "id", "ip", "deployment", "networks", "address", "dns_domain_name", "persistent_disk",
      "release.version",
    ]
  )
  func unknownSpec(key: String) throws {
    try TestRelease.render("<%= spec.\(key) %>").finished
      .expect(2).complains("a.erb:1", "spec.\(key) is not known", "under 'spec'")
  }

  @Test("The instance is found in the agent's apply spec")
  func applySpec() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(sandbox, templates: ["a.erb": "config/a"])
    try release.template("a.erb", "<%= spec.id %> <%= spec.ip %> <%= name %> <%= spec.az %>")
    try sandbox.write(
      "vm/bosh/spec.json",
      #"{"deployment":"d","id":"i-7","name":"db","index":1,"az":"z1","#
        + #""networks":{"n":{"ip":"10.1.2.3","default":["gateway"]}}}"#
    )
    try release.render(properties: "spec: {az: z9}\n").expect(0)
    #expect(release.file("config/a") == "i-7 10.1.2.3 db z9")
  }

  @Test("BOSH 10.2: all errors of a release job are reported, and nothing is written")
  func allErrors() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(
      sandbox,
      spec: Self.spec,
      templates: [
        "good": "config/good", "missing": "config/1", "raises": "config/2", "syntax": "config/3",
        "nil": "config/4", "gone": "config/5", "exits": "config/6",
      ]
    )
    try release.template("good", "fine")
    try release.template("missing", "<%= p('host') %>")
    try release.template("raises", "\n<% raise 'tls is wanted' %>")
    try release.template("syntax", "\n\n<% if %>")
    try release.template("nil", "<%= nil.size %>")
    try release.template("exits", "<% exit 0 %>")
    try release.render().expect(2).complains(
      "templates/missing:1 no property 'host'",
      "templates/raises:2 tls is wanted",
      "templates/syntax:3 is not Ruby",
      "templates/nil:1 no method 'size' for nil",
      "templates/gone is not there",
      "templates/exits:1 ends the program",
      "web cannot be rendered; nothing was written"
    )
    #expect(FileTree.paths(sandbox["vm"]) == [])
  }

  @Test("BOSH 10.6: tabs in a spec and in properties, as libyaml takes them")
  func tabs() throws {
    let spec = "properties:\n  a:\n    description:\ttext with\ta tab\n    default:\t1\n  b: {}\n"
    let (text, finished) = try TestRelease.render(
      "<%= p('a') %> <%= p('b') %>",
      spec: spec,
      properties: "properties:\n  b:\t2\n"
    )
    finished.expect(0)
    #expect(text == "1 2")
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    var properties: String
    var complaint: String
    var testDescription: String { complaint }
  }

  @Test("An empty spec counts as no spec", arguments: ["", "---\n", "# name: web\n"])
  func emptySpec(text: String) throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(sandbox, templates: [:])
    try sandbox.write("release/jobs/web/spec", text)
    try release.render().expect(2).complains("jobs/web/spec", "is empty")
    #expect(!sandbox.exists("vm/jobs/web"))
  }

  @Test(
    "A mistake in a properties file is reported with its place",
    arguments: [
      Wrong(properties: "properties: [", complaint: "web.yml:2 is not YAML"),
      Wrong(properties: "- a\n", complaint: "is a list, not a table"),
      Wrong(properties: "propertys: {}\n", complaint: "did you mean 'properties'?"),
      Wrong(properties: "properties: 5\n", complaint: "'properties' is a number, not a table"),
      Wrong(
        properties: "properties: {tls: yes}\n",
        complaint: "the property 'tls.key' is looked for"
      ),
      Wrong(properties: "a: !ruby/object:Object {}\n", complaint: "has YAML that is not accepted"),
    ]
  )
  func wrongProperties(_ wrong: Wrong) throws {
    try TestRelease.render("a", spec: Self.spec, properties: wrong.properties).finished
      .expect(2).complains(wrong.complaint)
  }
}
