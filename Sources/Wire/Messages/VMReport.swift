import Words

/// What a far end says of itself and of its VM, once they are connected.
package struct VMReport: Hashable, Sendable {
  /// A release job of the VM.
  package struct ReleaseJob: Hashable, Sendable {
    package var name: String
    /// The names in its `bin/` that exist, links followed.
    package var scripts: [String]
    /// Whether it has processes to start and stop.
    package var hasProcesses: Bool

    /// Describes a release job.
    package init(name: String, scripts: [String], hasProcesses: Bool) {
      (self.name, self.scripts, self.hasProcesses) = (name, scripts, hasProcesses)
    }
  }

  /// The version of its `lockstep`.
  package var version = ""
  /// The number of the user that it runs as; 0 is root.
  package var user: UInt32 = 0
  /// What the machine calls itself.
  package var hostName = ""
  /// The kernel's name for the processor, such as `x86_64`.
  package var machineType = ""
  /// The boot of the machine.
  package var boot = ""
  /// Its clock, in milliseconds since 1970; for people only.
  package var time: Int64 = 0
  /// How many bytes are free for logs.
  package var freeBytes: UInt64 = 0
  /// The absolute path of the VM's folder, links resolved.
  package var path = ""
  /// Whether it has nothing to do with BOSH, and so has no release jobs.
  package var isPlain = false
  /// Whether `bosh/spec.json` names its release jobs.
  package var hasSpec = false
  package var releaseJobs: [ReleaseJob] = []
  /// The deployment job and the index of the instance, as the VM says; `vm` and `0` if it does not.
  package var deploymentJob = "vm"
  package var index = "0"
  /// In MiB.
  package var persistentDisk = 0
  /// What the VM knows about itself, by the names of facts.
  package var facts: [String: String] = [:]
  /// Where its logs are, relative to its folder.
  package var logsPath = ""
  /// The folder of its own records, absolute.
  package var recordsPath = ""

  /// Makes a report about nothing.
  package init() {}

  init(_ fields: Fields) throws(WireFailure) {
    version = try fields.text("version")
    user = try fields.number("user")
    hostName = try fields.text("host")
    machineType = try fields.text("machine_type")
    boot = try fields.text("boot")
    time = try fields.number("time")
    freeBytes = try fields.number("free_bytes")
    path = try fields.text("path")
    isPlain = try fields.flag("plain")
    hasSpec = try fields.flag("spec")
    for job in try fields.objects("release_jobs", "a release job") {
      releaseJobs.append(
        ReleaseJob(
          name: try job.text("name"),
          scripts: try job.texts("scripts"),
          hasProcesses: try job.flag("processes")
        )
      )
    }
    deploymentJob = try fields.text("deployment_job")
    index = try fields.text("index")
    persistentDisk = try fields.number("persistent_disk")
    facts = Dictionary(try fields.pairs("facts").map { ($0.name, $0.value) }) { first, _ in first }
    logsPath = try fields.text("logs")
    recordsPath = try fields.text("records")
  }

  func write(_ json: inout JSONWriter) {
    json.field("version", version)
    json.name("user")
    json.value(user)
    json.field("host", hostName)
    json.field("machine_type", machineType)
    json.field("boot", boot)
    json.name("time")
    json.value(time)
    json.name("free_bytes")
    json.value(freeBytes)
    json.field("path", path)
    json.field("plain", isPlain)
    json.field("spec", hasSpec)
    json.objects("release_jobs", releaseJobs) { json, job in
      json.field("name", job.name)
      json.field("scripts", job.scripts)
      json.field("processes", job.hasProcesses)
    }
    json.field("deployment_job", deploymentJob)
    json.field("index", index)
    json.field("persistent_disk", persistentDisk)
    json.pairs("facts", facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    json.field("logs", logsPath)
    json.field("records", recordsPath)
  }
}

extension JSONWriter {
  /// Writes a field that is an object with texts; the names come from outside.
  mutating func pairs(_ name: StaticString, _ pairs: [(name: String, value: String)]) {
    self.name(name)
    object { json in
      for pair in pairs {
        json.name(text: pair.name)
        json.value(pair.value)
      }
    }
  }
}
