import Fleet
import PlanLanguage

/// A hosts file, and the instances that need a host.
struct HostsCase: Sendable, CustomStringConvertible {
  var name: String
  var text: String
  var options: [String] = []
  var via: String?
  var instances: [String] = []

  var description: String { name }

  /// What people see of it: the diagnostics, and the hosts.
  func shown() throws -> String {
    let source = SourceFile(name: "hosts", text: text)
    let hosts = HostsFile(
      source,
      options: options,
      via: try via.map { try CarrierCommand($0) }
    )
    let found = hosts.hasErrors ? HostAssignment() : hosts.resolve(instances: instances)
    let renderer = DiagnosticRenderer(sources: hosts.sources, color: false)
    var blocks = (hosts.diagnostics + found.diagnostics).map { renderer.render($0) }
    let lines = found.hosts.map { host in
      var line = "\(host.instance) -> \(host.shown)"
      if let root = host.root { line += " vm=\(root)" }
      if let via = host.via { line += " via=\(via)" }
      if let name = host.boshName { line += " (\(name))" }
      return line + "\n"
    }
    if !lines.isEmpty { blocks.append(lines.joined()) }
    return blocks.joined(separator: "\n")
  }

  static let instances = ["web/0", "web/1", "db/0"]

  static let all: [HostsCase] = [
    HostsCase(
      name: "good",
      text: """
        # The shop.
        web/0  root@10.0.16.5            vm=/var/vcap

        web/1  [fe80::1%eth0]:2222 # the new one
        db/0   db-0  via='docker exec -i {host} sh -c "exec {instance}"' vm=/

        """,
      instances: instances
    ),
    HostsCase(
      name: "patterns",
      text: """
        web/1  special.example.org
        web/*  vcap@{job}-{index}.example.org
        *      bastion  via="bosh -d shop ssh {instance} -c"
        """,
      instances: ["web/0", "web/1", "web/2", "db/0", "db/1"]
    ),
    HostsCase(
      name: "options",
      text: "web/0  10.0.16.5\nweb/1  10.0.16.6\n",
      options: ["web/0=ssh://root@10.0.17.5:22/var/vcap", "db/0=ssh://[::1]"],
      via: "ssh -J jump {host}",
      instances: instances
    ),
    HostsCase(
      name: "bad-options",
      text: "",
      options: [
        "web/0=ssh://", "web/1=ssh://-h", "web/2=ssh://h:0/x", "=ssh://h", "web/0=ssh://a",
        "web/0=ssh://b",
      ]
    ),
    HostsCase(
      name: "missing",
      text: "web/0  10.0.16.5\nwbe/1  10.0.16.6",
      instances: instances
    ),
    HostsCase(
      name: "missing-many",
      text: "web/0  10.0.16.5\n",
      instances: (0..<40).map { "web/\($0)" }
    ),
    HostsCase(name: "missing-option", text: "x/0  h", options: ["web/0=ssh://h"]),
    HostsCase(
      name: "unused",
      text:
        "web/0 a\nweb/1 b\ndb/0 c\nweb/7 d\nweb/* w{index}\ncache/* c{index}\n* h{job}{index}\n",
      instances: instances
    ),
    HostsCase(
      name: "duplicates",
      text: "web/0 a\nweb/0 b\nweb/* w{index}\nweb w{index}\n* x{index}\n*/* y{index}\n"
    ),
    HostsCase(
      name: "shared",
      text: """
        web/0 root@10.0.16.5
        web/1 10.0.16.5:22 vm=/var/vcap/
        web/2 10.0.16.5:23
        web/3 10.0.16.5 vm=/srv/vcap
        db/0  10.0.16.5
        cache/* 10.0.16.9
        * bastion via='docker exec -i {host}'
        """
    ),
    HostsCase(
      name: "shared-by-pattern",
      text: "web/0 h1\nweb/* h{index}\nweb/2 h1",
      instances: ["web/0", "web/1", "db/0"]
    ),
    HostsCase(
      name: "hosts",
      text: """
        web/0  -oProxyCommand=reboot
        web/1  -l@h
        web/2  root:secret@h
        web/3  h:70000
        web/4  h:
        web/5  ::1
        web/6  [10.0.0.1]
        web/7  [::1
        web/8  [::1]22
        web/9  10.0.16.256
        web/10 h$x
        web/11 @h
        web/12 root@
        web/13 telnet://h
        web/14 {index}.{idnex}
        web/15 {host}
        web/16 {instance}
        web/17 h\u{E9}
        web/18 ro;ot@h
        web/19 ssh://root@h/var/vcap vm=/x
        web/20 a:b:c
        web/21 ''
        """
    ),
    HostsCase(
      name: "lines",
      text: """
        root@10.0.16.5 web/0
        10.0.16.5
        web/0
        web/1 vm=/var/vcap
        web/2 h vn=/x
        web/3 h user=root port=22 root=/x speed=fast
        web/4 h vm=/a vm=/b
        web/5 h vm=relative vm=
        web/6 h via='docker exec "x'
        web/7 h via=
        web/8 h via={hots}
        web/9 h via='docker exec {hots}'
        web/10 h extra
        web/11 h via='x
        web/.. h
        -web/0 h
        [web]
        web/12 h\u{7}
        web/13 h\rweb/14 h
        """
    ),
    HostsCase(
      name: "placeholder-without-value",
      text: "web/0 10.0.16.5\nweb/1 a@b:1\n",
      via: "ssh -p {port} -l {user} {host}",
      instances: ["web/0", "web/1"]
    ),
    HostsCase(name: "empty", text: ""),
    HostsCase(name: "only-comments", text: "# none\r\n\n"),
    HostsCase(
      name: "crlf-and-mark",
      text: "\u{FEFF}web/0  10.0.16.5 vm=/x\r\nweb/1\th\r\n",
      instances: ["web/0", "web/1"]
    ),
    HostsCase(name: "zero-byte", text: "web/0 10.0.16.5\n\0\0\n"),
  ]
}
