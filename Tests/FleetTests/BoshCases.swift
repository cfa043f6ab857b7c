/// Documents as the BOSH CLI prints them.
enum BoshCases {
  private static func document(_ rows: [[(String, String)]], content: String = "instances")
    -> String
  {
    let rows = rows.map { row in
      let fields = row.map { "                    \"\($0.0)\": \"\($0.1)\"" }
      return "                {\n\(fields.joined(separator: ",\n"))\n                }"
    }
    return """
      {
          "Tables": [
              {
                  "Content": "\(content)",
                  "Header": {
                      "az": "AZ",
                      "instance": "Instance",
                      "ips": "IPs",
                      "process_state": "Process State"
                  },
                  "Rows": [
      \(rows.joined(separator: ",\n"))
                  ],
                  "Notes": null
              }
          ],
          "Blocks": null,
          "Lines": [
              "Using environment '10.0.0.6' as client 'admin'",
              "Succeeded"
          ]
      }
      """
  }

  private static func row(
    _ instance: String,
    _ ips: String,
    index: String? = nil,
    process: String? = nil
  ) -> [(String, String)] {
    var row = [("az", "z1"), ("instance", instance), ("ips", ips), ("process_state", "running")]
    if let index { row.append(("index", index)) }
    if let process { row.append(("process", process)) }
    return row
  }

  static let all: [HostsCase] = [
    HostsCase(
      name: "bosh-details",
      text: document([
        row("db/70e1", "10.0.16.9", index: "0"),
        row("web/2b8c", "10.0.16.6\\n203.0.113.7", index: "1"),
        row("web/91d0", "10.0.16.5", index: "0"),
        row("smoke/5c44", "", index: "0"),
      ]),
      via: "bosh -d shop ssh {instance} -c",
      instances: HostsCase.instances
    ),
    HostsCase(
      name: "bosh-by-order",
      text: document(
        [
          row("db/70e1", "10.0.16.9"), row("web/2b8c", "10.0.16.6"), row("web/91d0", "10.0.16.5"),
        ],
        content: "vms"
      ),
      instances: HostsCase.instances
    ),
    HostsCase(
      name: "bosh-processes",
      text: document([
        row("web/2b8c", "10.0.16.6", process: ""), row("web/2b8c", "", process: "nginx"),
        row("web/2b8c", "-", process: "app"),
      ]),
      instances: ["web/0"]
    ),
    HostsCase(
      name: "bosh-without-vm",
      text: document([row("web/2b8c", "10.0.16.6", index: "0"), row("web/91d0", "", index: "1")]),
      instances: ["web/0", "web/1", "web/2"]
    ),
    HostsCase(
      name: "bosh-two-deployments",
      text: document([row("web/2b8c", "10.0.16.6", index: "0"), row("web/91d0", "a", index: "0")])
    ),
    HostsCase(
      name: "bosh-failed",
      text: """
        {"Tables": null, "Blocks": null, "Lines": [
          "Using environment '10.0.0.6'", "Expected non-empty deployment name", "Exit code 1"
        ]}
        """
    ),
    HostsCase(name: "bosh-other-json", text: "{\"hosts\": []}"),
    HostsCase(name: "bosh-no-rows", text: document([])),
    HostsCase(name: "bosh-broken-json", text: "{\n  \"Tables\": [\n    {]\n"),
  ]
}
