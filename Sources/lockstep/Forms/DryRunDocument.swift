import Operations
import Reports
import VM
import Words

/// The dry-run as a JSON document.
struct DryRunDocument {
  private let dryRun: DryRun

  init(_ dryRun: DryRun) { self.dryRun = dryRun }

  func write(to json: inout JSONWriter) {
    let vms = dryRun.preparation.vms
    let names = dryRun.preparation.logNames
    let scripts = dryRun.scripts
    DryRunJSON(
      dryRun.graph,
      DryRunJSON.Sources(
        machines: vms.hosts?.named ?? vms.all.map { ($0.name, $0.vm.path) },
        untouched: dryRun.untouched,
        problems: dryRun.problems().map { ($0.path, $0.what, $0.help) },
        passedOver: dryRun.leftOut,
        overlay: dryRun.overlay,
        persistentDisk: vms.persistentDisk,
        logsPath: vms.logsPath,
        logStem: { names.stem($0) },
        script: { scripts.look.look($0) },
        scripts: { scripts.look.found.map { ($0.path, ScriptFacts($0)) } },
        supervisors: dryRun.supervisors.json
      )
    ).write(to: &json)
  }
}
