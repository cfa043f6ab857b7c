package enum Bundled { package static let a: [UInt8] = PackageResources.bosh_start_plan }
