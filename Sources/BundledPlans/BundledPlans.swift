/// The plans that the program carries within itself, so that one file copied to a VM is enough.
///
/// They are the files of `Plans/`, byte for byte, put into the code when the package is built.
package enum BundledPlans {
  /// The plans' names, in alphabetical order; each is that of its file without the ending.
  package static let names = [
    "bosh-deploy", "bosh-errand", "bosh-restart", "bosh-start", "bosh-stop",
  ]

  /// The text of a plan; nil for a name that is not in `names`.
  package static func text(of name: String) -> [UInt8]? {
    switch name {
    case "bosh-deploy": PackageResources.bosh_deploy_plan
    case "bosh-errand": PackageResources.bosh_errand_plan
    case "bosh-restart": PackageResources.bosh_restart_plan
    case "bosh-start": PackageResources.bosh_start_plan
    case "bosh-stop": PackageResources.bosh_stop_plan
    default: nil
    }
  }
}
