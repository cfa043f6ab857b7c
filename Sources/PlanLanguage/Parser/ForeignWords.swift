/// A word from the language of another tool, and what to write in a plan instead.
struct ForeignWord {
  /// The text that replaces the word; nil if no single edit is enough.
  var replacement: String?
  /// The advice in words, if an edit is not enough.
  var advice: String?

  /// The scope for what other tools call a machine or a group of machines.
  static func scope(_ text: String) -> Word? {
    switch text.lowercased() {
    case "vm", "vms", "node", "host", "machine", "server", "unit": .instance
    case "instance-group", "instance_group", "job", "group", "deployment_job": .deploymentJob
    case "all", "cluster", "once", "global": .deployment
    default: nil
    }
  }
}

extension ForeignWord {
  /// The words of a plan that mean the same as a word of another tool, wherever it stands; nil if
  /// there are none.
  static func counterpart(of text: String) -> String? {
    let word = normalized(text)
    if Context.failureWords.contains(word) { return "on failure" }
    return (Context.meanings(of: word).first ?? scope(word))?.rawValue
  }

  /// A foreign word as the tables have it.
  fileprivate static func normalized(_ text: String) -> String {
    text.lowercased().split(separator: "_").joined(separator: "-")
  }
}

extension Context {
  /// What a word from GitHub Actions, Argo, Ansible, systemd or BOSH's manifests means here.
  ///
  /// The result is nil for any other word.
  func foreign(_ text: String) -> ForeignWord? {
    let word = ForeignWord.normalized(text)
    if isHandled, Self.failureWords.contains(word) {
      return ForeignWord(replacement: "on failure", advice: nil)
    }
    if let meant = Self.meanings(of: word).first(where: accepts) {
      return ForeignWord(replacement: meant.rawValue, advice: nil)
    }
    return advice(on: word).map { ForeignWord(replacement: nil, advice: $0) }
  }

  /// Whether it can contain handlers.
  private var isHandled: Bool { accepts(.finally) }

  fileprivate static let failureWords: Set<String> = [
    "on-failure", "onfailure", "on-error", "onerror", "rescue", "catch", "except", "rollback",
  ]

  private static let orderWords: Set<String> = [
    "needs", "need", "depends-on", "dependson", "depends", "requires", "require", "requisite",
    "wants",
    "before", "dependencies", "runs-after",
  ]

  /// The words of the plan language that may be meant, the most likely first.
  fileprivate static func meanings(of word: String) -> [Word] {
    switch word {
    case "instance-group", "job", "group", "deployment-job": [.deploymentJob]
    case "jobs", "release-jobs": [.releaseJobs, .deploymentJob]
    case "vm", "vms", "node", "nodes", "host", "hosts", "replicas", "count": [.instances]
    case "stage", "step", "task", "play", "stages": [.phase, .run]
    case "steps", "tasks": [.sequence, .phase]
    case "exec", "shell", "sh", "cmd", "command", "bash", "execstart", "exec-start", "invoke",
      "call":
      [.run]
    case "retries", "max-retries", "retry-count": [.retry]
    case "maxinflight", "max-in-flight": [.maxInFlight]
    case "canary": [.canaries]
    case "if", "condition", "only-if", "onlyif": [.when]
    case "environment", "setenv", "export", "environ", "envs": [.env]
    case "import", "use", "uses", "source", "import-playbook": [.include]
    case "var", "vars", "let", "parameter", "parameters", "params", "variable", "input", "inputs",
      "arg":
      [.param]
    case "ensure", "always", "cleanup", "defer", "on-exit", "onexit", "post", "teardown": [.finally]
    case "concurrent", "concurrently", "together": [.parallel]
    case "serial", "sequential", "block": [.sequence]
    case "concurrency", "max-parallel", "parallelism", "forks", "throttle", "semaphore": [.limit]
    case "deadline", "time-limit": [.timeout]
    case "termination-grace-period", "kill-timeout": [.grace]
    case "interval", "poll", "period": [.every]
    case "defaults": [.defaults]
    case "rolling", "roll", "rolling-update", "rollingupdate", "rolling-upgrade": [.rollout]
    case "ignore-failure", "allow-failure", "ignore-errors", "continue-on-error",
      "continue-on-failure",
      "may-fail":
      [.optional]
    case "until", "wait-for", "waitfor", "wait-until": [.wait]
    case "needs", "depends-on", "dependson", "depends", "requires", "require", "wants",
      "runs-after":
      [.after]
    default: []
    }
  }

  /// What to write instead of a word that has no counterpart.
  private func advice(on word: String) -> String? {
    if Self.orderWords.contains(word) {
      return
        "what comes first is done first; 'barrier across …' joins, 'after' orders deployment jobs"
    }
    let isBlock = accepts(.run)
    switch word {
    case "restart" where isBlock:
      return
        "write 'stop', then 'start'; 'include bosh-restart' also drains"
    case "reload" where isBlock:
      return "use a 'run' with the service's own command for it"
    case "restart", "reload":
      return
        "write 'phase NAME { stop start }'; 'include bosh-restart' also drains"
    case "sleep", "pause", "delay":
      return "write run \"sleep 5\", or use 'wait' to wait for something"
    case "attempts", "max-attempts", "tries":
      return "'retry N' counts the attempts after the first; for 3 in all, write 'retry 2'"
    case "timeoutsec", "timeout-sec", "timeout-seconds", "timeout-minutes", "timeoutstartsec",
      "timeout-ms", "active-deadline-seconds":
      return "write a unit after the number: 'timeout 90s', 'timeout 5m'"
    case "timeoutstopsec": return "write a unit after the number: 'grace 90s'"
    case "backoff": return "'backoff' comes after 'retry N'"
    case "only": return "'only' comes after 'retry N'"
    case "unless", "when-not", "not-if", "skip-if": return "write 'when not …'"
    case "else", "elif", "otherwise":
      return "write another step or block with 'when not (…)'"
    case "loop", "foreach", "for", "while", "repeat", "with-items", "matrix", "each":
      return "there are no loops: a phase runs once for each of its subjects"
    case "name", "id", "label", "title": return "write a step's name after it: run \"…\" as NAME"
    case "user", "become", "sudo", "run-as", "runas":
      return "everything runs as the user of 'lockstep'; a command can call setpriv or su"
    case "cwd", "chdir", "dir", "working-directory", "workingdirectory", "workdir":
      return "commands begin in the VM's bosh folder; write run \"cd FOLDER && …\""
    case "http", "https", "curl", "url":
      return "use a command: wait command \"curl -fsS http://…\""
    case "service", "systemctl", "systemd", "unit", "units":
      return "'start unit NAME' and 'stop unit NAME' start and stop systemd units"
    case "monit": return "'start' and 'stop' are the steps that start and stop processes"
    case "echo", "print", "log", "debug", "notify":
      return "use a command: run \"echo …\""
    default: return nil
    }
  }
}
