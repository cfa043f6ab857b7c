extension HostPlace {
  /// The place that a hosts file names.
  ///
  /// The carrier is told BOSH's name of the instance, if there is one: BOSH may count differently.
  package init(_ host: ResolvedHost) {
    self.init(
      instance: host.boshName ?? host.instance,
      address: host.address,
      user: host.user,
      port: host.port.map(Int.init),
      root: host.root
    )
  }
}

extension Carrier {
  /// Makes the carrier of a host that a hosts file names.
  ///
  /// - Parameters:
  ///   - host: what is reached; its own command counts, or the one for all hosts.
  ///   - shell: the shell there, in words, such as `sh` or `sudo -n sh`.
  package init(to host: ResolvedHost, shell: [String]) {
    if let via = host.via, host.viaNamesHost {
      self.init(vector: via + shell)
    } else {
      self.init(via: host.via, to: HostPlace(host), shell: shell)
    }
  }
}
