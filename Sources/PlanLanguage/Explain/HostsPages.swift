extension Explain {
  /// The pages about hosts files.
  static func hostsPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .hostsNotText:
      ExplainPage(
        code,
        "the hosts file is not UTF-8 text",
        """
        A hosts file is a UTF-8 text file, or the JSON that the BOSH CLI prints. This
        file contains bytes that no text has. Perhaps it is another file, or an editor
        saved it as UTF-16.
        """,
        wrong: nil,
        right: "web/0  root@10.0.16.5"
      )
    case .hostsTooLarge:
      ExplainPage(
        code,
        "the hosts file is too large",
        """
        A hosts file has at most 16 MiB. That is enough for a hundred thousand lines, so
        this is probably another file.
        """,
        wrong: nil,
        right: "web/0  root@10.0.16.5"
      )
    case .emptyHosts:
      ExplainPage(
        code,
        "the hosts file names no host",
        """
        The file is empty, or contains only comments. Each line of a hosts file names an
        instance and its host. Perhaps a command before a pipe failed and printed
        nothing.
        """,
        wrong: "# Nothing yet.",
        right: "web/0  root@10.0.16.5"
      )
    case .malformedHostLine:
      ExplainPage(
        code,
        "a line that is not an instance and its host",
        """
        A line of a hosts file begins with an instance such as web/0. Its host comes
        next: HOST, USER@HOST, HOST:PORT or USER@HOST:PORT, with an IPv6 address in
        brackets. Then there can be settings: vm=FOLDER is the VM's folder on the host,
        and via=COMMAND is the command that connects to the host. A value with blanks
        goes between ' or ". A comment begins with #.

        web/* is about all instances of web that have no line of their own, and * about
        all instances that no other line is about.
        """,
        wrong: "root@10.0.16.5  web/0",
        right: """
          web/0  root@10.0.16.5  vm=/var/vcap
          web/*  root@web-{index}.example.org
          db/0   db-0            via='docker exec -i {host}'
          """
      )
    case .unusableHost:
      ExplainPage(
        code,
        "a host that no command could connect to",
        """
        The name of a host consists of letters, digits, dots, - and _. It cannot begin
        with -, because ssh would take it for an option. A port is a number from 1 to
        65535. An IPv6 address goes between brackets: [fe80::1]:22.

        {job} and {index} in a name stand for the deployment job and the index of the
        instance. The command of 'via' also knows {instance}, {host}, {user} and {port}.
        """,
        wrong: "web/0  root@-oProxyCommand=reboot",
        right: "web/0  root@web-{index}.example.org:2222"
      )
    case .unknownHostSetting:
      ExplainPage(
        code,
        "a setting that does not exist",
        """
        After the host of a line there can be two settings. vm=FOLDER is the VM's folder
        on the host. via=COMMAND is the command that connects to the host. Users and
        ports are written with the host: root@10.0.16.5:22.
        """,
        wrong: "web/0  10.0.16.5  user=root",
        right: "web/0  root@10.0.16.5  vm=/var/vcap"
      )
    case .duplicateHost:
      ExplainPage(
        code,
        "two hosts for one instance",
        """
        An instance is on one host, so one line names it. In the output of the BOSH CLI
        an instance appears twice if it is about several deployments. Then name one
        deployment: bosh -d DEPLOYMENT instances --details --json
        """,
        wrong: """
          web/0  10.0.16.5
          web/0  10.0.16.6
          """,
        right: """
          web/0  10.0.16.5
          web/1  10.0.16.6
          """
      )
    default: secondHostsPage(for: code)
    }
  }

  private static func secondHostsPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .sharedHost:
      ExplainPage(
        code,
        "one host for two instances of a deployment job",
        """
        The instances of a deployment job have the same release jobs. On one host they
        would run the same scripts in the same folder, and a canary would change all of
        them. So each instance needs a host of its own, or another port, or another
        folder (vm=) on the same host.

        A line for several instances needs {index} in the name of its host.
        """,
        wrong: """
          web/0  10.0.16.5
          web/1  10.0.16.5
          """,
        right: """
          web/0  10.0.16.5
          web/1  10.0.16.6
          db/*   db-{index}.example.org
          """
      )
    case .missingHost:
      ExplainPage(
        code,
        "an instance without a host",
        """
        The plan has an instance that no line of the hosts file is about. Add a line for
        it, or a pattern such as web/* for all instances of a deployment job. An
        instance that BOSH has stopped with --hard has no VM, and so no host.
        """,
        wrong: "web/0  10.0.16.5",
        right: """
          web/0  10.0.16.5
          web/1  10.0.16.6
          """
      )
    case .unusableBoshTable:
      ExplainPage(
        code,
        "JSON that is not the BOSH CLI's table of instances",
        """
        A hosts file that begins with { is read as the output of one of these:

            bosh -d DEPLOYMENT instances --details --json
            bosh -d DEPLOYMENT vms --json

        Other JSON cannot be read.
        """,
        wrong: "{\"hosts\": []}",
        right: """
          {"Tables": [{"Content": "instances", "Rows": [
            {"instance": "web/2b8c2f7e", "index": "0", "ips": "10.0.16.5"}
          ]}]}
          """
      )
    case .unusedHost:
      ExplainPage(
        code,
        "a line of the hosts file that is about no instance",
        """
        The plan has no instance with this name, or other lines are about all instances
        that the pattern could be about. The line has no effect. Usually the name is
        misspelt, or the file is for more than this plan.
        """,
        wrong: """
          web/0  10.0.16.5
          web/1  10.0.16.6
          wbe/2  10.0.16.7
          """,
        right: """
          web/0  10.0.16.5
          web/1  10.0.16.6
          """
      )
    case .hostsByOrder:
      ExplainPage(
        code,
        "the instances of BOSH have no index",
        """
        Without --details the BOSH CLI names instances only by identifiers, such as
        web/2b8c2f7e. The plan's instances have indices. So the rows of each deployment
        job are numbered in their order: the first is web/0. BOSH itself may have
        another order. This matters to a plan in which web/0 is different from the
        others, and to you when you read the report. With --details the indices are
        those of BOSH.
        """,
        wrong: """
          {"Tables": [{"Content": "instances", "Rows": [
            {"instance": "web/2b8c2f7e", "ips": "10.0.16.5"},
            {"instance": "web/91d0aa34", "ips": "10.0.16.6"}
          ]}]}
          """,
        right: """
          {"Tables": [{"Content": "instances", "Rows": [
            {"instance": "web/2b8c2f7e", "index": "1", "ips": "10.0.16.5"},
            {"instance": "web/91d0aa34", "index": "0", "ips": "10.0.16.6"}
          ]}]}
          """
      )
    default: nil
    }
  }
}
