import TestSupport
import Testing

/// How the director converts values for a template, what it refuses, and what it offers.
@Suite(
  "Values of templates",
  .waits,
  .enabled(if: Tool.isAllRequired || Tool.ruby.works("-e", "0"))
)
struct TemplateValueTests {
  private static let spec = """
    properties:
      keys:
        default: {b: 1, 10: ten, 9: nine, true: yes, 1.5: half, ~: none}
      symbols:
        default:
          :key: :value
      list:
        default:
        - {2: b, 1: a}
        - :word
      given: {}
    consumes:
    - {name: db, type: sql, optional: true}

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

    /// Renders the template against the spec of these tests and compares the result.
    func check(spec: String = TemplateValueTests.spec) throws {
      let (text, finished) = try TestRelease.render(template, spec: spec, properties: properties)
      finished.expect(0)
      #expect(text == renders)
    }
  }

  @Test(
    "BOSH 10.7: a spec is kept as JSON, so keys and symbols in defaults are text",
    arguments: [
      Case(
        "keys are text, and sorted as such",
        "<%= p('keys').to_json %>",
        renders: #"{"":"none","1.5":"half","10":"ten","9":"nine","b":1,"true":true}"#
      ),
      Case("symbols are text", "<%= p('symbols').to_json %>", renders: #"{"key":"value"}"#),
      Case("a symbol is not a key", "<%= p('symbols')[:key].inspect %>", renders: "nil"),
      Case(
        "tables in lists keep their order",
        "<%= p('list').to_json %>",
        renders: #"[{"2":"b","1":"a"},"word"]"#
      ),
      Case("by its text", "<%= p('keys.10') %>", renders: "ten"),
      Case("as a method", "<%= properties.keys['10'] %>", renders: "ten"),
      // Given values are not stored before the templates see them.
      Case(
        "a given symbol stays a symbol",
        "<%= p('given').inspect %>",
        "properties:\n  given:\n  - :word\n",
        renders: "[:word]"
      ),
      Case(
        "but not in a link, which is stored",
        "<%= link('db').p('ports.8080') %> <%= link('db').p('word').inspect %>",
        "links:\n  db:\n    instances: []\n    properties:\n      word: :x\n      ports: {8080: web}\n",
        renders: #"web "x""#
      ),
      Case(
        "a date in quotes",
        "<%= p('given') %>",
        "properties: {given: '2026-01-02'}",
        renders: "2026-01-02"
      ),
    ]
  )
  func kept(_ item: Case) throws { try item.check() }

  @Test(
    "BOSH 10.7: what the director refuses in a spec is refused",
    arguments: [
      ("{default: 2026-01-02}", "jobs/web/spec:6", "has the date 2026-01-02"),
      ("{default: {2026-01-02: a}}", "jobs/web/spec:6", "put it in quotes"),
      ("{default: 2026-01-02 03:04:05}", "jobs/web/spec:6", "has the date 2026-01-02 03:04:05"),
      ("{default: .inf}", "jobs/web/spec", "properties.a.default is .inf"),
      ("{default: [1, {b: -.inf}]}", "jobs/web/spec", "properties.a.default[1].b is -.inf"),
      ("{default: .nan}", "jobs/web/spec", "properties.a.default is .nan"),
      ("{default: !binary /w==}", "jobs/web/spec", "properties.a.default is not UTF-8"),
      ("", "jobs/web/spec", "'a' is empty, but a director expects a table there"),
    ]
  )
  func refusedSpec(definition: String, place: String, words: String) throws {
    let spec = "properties:\n  a: \(definition)\n"
    try TestRelease.render("text", spec: spec).finished.expect(2).complains(place, words)
  }

  @Test(
    "BOSH 10.7: what the director refuses in a manifest is refused",
    arguments: [
      ("2026-01-02", "web.yml:2 has the date 2026-01-02"),
      (".inf", "'given' is .inf"), ("{a: [.nan]}", "'given'.a[0] is .nan"),
      ("!binary /w==", "'given' is not UTF-8"),
      ("{8080: web}", "'given' has the key 8080, which is not a text"),
      ("{yes: 1}", "has the key true"), ("{~: 1}", "has the key nil"),
      ("[{a: {1.5: x}}]", "'given'[0].a has the key 1.5"),
      ("\n    a: 1\n    :b: 2", "'given' has texts and symbols as keys"),
    ]
  )
  func refusedValue(value: String, words: String) throws {
    try TestRelease.render("text", spec: Self.spec, properties: "properties:\n  given: \(value)\n")
      .finished.expect(2).complains(words)
  }

  @Test("An undeclared property may be anything, because no template sees it")
  func undeclared() throws {
    try TestRelease.render("a", spec: Self.spec, properties: "properties: {other: {8080: .inf}}\n")
      .finished.expect(0).complains("'other' is not a property of web")
  }

  @Test(
    "BOSH 10.3: everything that its evaluation context offers exists",
    arguments: [
      Case(
        "set_property",
        "<% t = {}; set_property(t, 'a.b', 1) %><%= t.to_json %>",
        renders: #"{"a":{"b":1}}"#
      ),
      Case(
        "copy_property",
        "<% t = {}; copy_property(t, {'a' => {'b' => false}}, 'a.b', 2); "
          + "copy_property(t, {}, 'c', 3) %><%= t.to_json %>",
        renders: #"{"a":{"b":false},"c":3}"#
      ),
      Case(
        "sort_property",
        "<%= sort_property({'b' => {'d' => 1, 'c' => [{'f' => 1, 'e' => 2}]}, 'a' => 0}).to_json %>",
        renders: #"{"a":0,"b":{"c":[{"f":1,"e":2}],"d":1}}"#
      ),
      Case("lookup_property", "<%= lookup_property({'a' => {'b' => 7}}, 'a.b') %>", renders: "7"),
      Case("lookup_property of nil", "<%= lookup_property(nil, 'a').inspect %>", renders: "nil"),
      Case(
        "validate_properties_format",
        "<% begin; validate_properties_format({'a' => 1}, 'a.b') %>"
          + "<% rescue Bosh::Common::Template::InvalidPropertyType %>refused<% end %>",
        renders: "refused"
      ),
      Case(
        "links and instances have them, too",
        "<%= [link('db'), link('db').instances[0]].map { |one| one.lookup_property({'a' => 1}, 'a') } %>",
        "links: {db: {instances: [{address: x}]}}",
        renders: "[1, 1]"
      ),
      Case("openstruct", "<%= openstruct({'a' => [{'b' => 5}]}).a[0].b %>", renders: "5"),
      Case(
        "p without a name",
        "<% begin; p; rescue UnknownProperty => e %><%= e.name.inspect %><% end %>",
        renders: "[]"
      ),
      Case(
        "with_thread_name",
        "<%= with_thread_name('a') { Thread.current[:name] } %>",
        renders: "a"
      ),
      Case(
        "the context is equal to itself",
        "<%= self == self %> <%= self == 1 %>",
        renders: "true false"
      ),
      Case(
        "instance variables",
        "<%= [@name, @index, @spec.equal?(spec), @properties.equal?(properties)].inspect %>",
        renders: #"["vm", 0, true, true]"#
      ),
      Case(
        "methods(false)",
        "<%= spec.networks.methods(false).inspect %>",
        "spec: {networks: {a: {}}}",
        renders: "[:a]"
      ),
      Case(
        "a dynamic network has an address before it has one",
        "<%= spec.networks.a.ip %> <%= spec.ip %>",
        "spec: {networks: {a: {type: dynamic}}}",
        renders: "127.0.0.1 127.0.0.1"
      ),
    ]
  )
  func offered(_ item: Case) throws { try item.check() }

  @Test("A template sees the variables of the template before it, but not changed values")
  func leftovers() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(
      sandbox,
      spec: "properties: {list: {default: [a]}}\n",
      templates: ["a.erb": "config/a", "b.erb": "config/b", "c.erb": "config/c"]
    )
    try release.template("a.erb", "<% @mine = 1 %>")
    try release.template("b.erb", "<%= @mine.inspect %><% p('list') << 'b' %>")
    try release.template("c.erb", "<%= @mine.inspect %> <%= p('list').join %>")
    try release.render().expect(0)
    #expect(release.file("config/b") == "1")
    #expect(release.file("config/c") == "nil a")
  }

  @Test(
    "Facts about releases, networks and links are not invented; the message says where to give them",
    arguments: [
      ("spec.release.version", "spec.release.version is not known; give it under 'spec'"),
      ("spec.release['version']", "spec.release.version is not known"),
      ("spec.dig(:release, :version)", "spec.release.version is not known"),
      ("spec.networks.a.dns_record_name", "spec.networks.a.dns_record_name is not known"),
      ("spec.networks.a.ip", "spec.networks.a.ip is not known"),
      ("link('db').instances[1].id", "links.db.instances[1].id is not known"),
      ("link('db').instances[1].bootstrap", "links.db.instances[1].bootstrap is not known"),
      ("link('db').address", "links.db.address is not known; give it in the properties file"),
    ]
  )
  func unknown(expression: String, words: String) throws {
    let given = """
      links: {db: {instances: [{address: x, id: y, bootstrap: true}, {address: z}]}}
      spec: {networks: {a: {netmask: 255.0.0.0}}}

      """
    try TestRelease.render("<%= \(expression) %>", spec: Self.spec, properties: given).finished
      .expect(2).complains("a.erb:1", words)
  }

  @Test("The version of a release is given; its name is the release's own")
  func release() throws {
    let (text, finished) = try TestRelease.render(
      "<%= spec.release.name %>/<%= spec.release.version %>",
      properties: "spec: {release: {version: '1.2'}}\n"
    )
    finished.expect(0)
    #expect(text == "shop/1.2")
  }

  @Test("A release without a name in config/final.yml has none")
  func namelessRelease() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(sandbox, templates: ["a.erb": "config/a"])
    try sandbox.write("release/config/final.yml", "blobstore: {}\n")
    try release.template("a.erb", "<%= spec.release.name %>")
    try release.render().expect(2).complains("spec.release.name is not known")
    try release.render(properties: "spec: {release: {name: r}}\n").expect(0)
    #expect(release.file("config/a") == "r")
  }

  @Test("BOSH 2.1: the agent's spec is read as the agent reads it, or refused")
  func agentSpec() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(sandbox, templates: ["a.erb": "config/a"])
    try release.template("a.erb", "<%= spec.id %> <%= name %> <%= spec.persistent_disk %>")
    try sandbox.write(
      "vm/bosh/spec.json",
      #"{"ID":"a","Name":"db","NAME":null,"persistent_disk":1,"Persistent_Disk":2}"#
    )
    try release.render().expect(0)
    #expect(release.file("config/a") == "a db 2")
    for (spec, words) in [
      ("{", "has its end where"), ("[]", "holds a list"),
      (#"{"persistent_disk":1.5}"#, "persistent_disk is 1.5"),
    ] {
      try sandbox.write("vm/bosh/spec.json", spec)
      try release.render().expect(3).complains("vm/bosh/spec.json", words)
    }
    try sandbox.write("vm/bosh/spec.json", "null")
    try release.render(properties: "spec: {id: b, persistent_disk: 0}\n").expect(0)
    #expect(release.file("config/a") == "b vm 0")
  }
}
