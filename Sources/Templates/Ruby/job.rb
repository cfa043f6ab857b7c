# A release job's spec, and the values given to it.
module Lockstep
  # The spec of a release job.
  class JobSpec
    attr_reader :name, :folder, :shown, :templates, :properties, :consumes, :description

    def initialize(release, name)
      @name = name
      @folder = File.join(release, 'jobs', name)
      @shown = "jobs/#{name}/spec"
      table = Lockstep.table(File.join(@folder, 'spec'), @shown)
      raise Fault.new(@shown, nil, "is empty; it has at least 'name: #{name}'") if table.empty?

      table = stored(table)

      @description = table['description'].to_s
      @templates = part(table, 'templates')
      @properties = part(table, 'properties')
      @consumes = Array(table['consumes']).map { |link| link.is_a?(Hash) ? link : fail_consumes }
      named = table['name']
      return if named.nil? || named == name

      raise Fault.new(@shown, nil, "has the name '#{named}', but its folder is called '#{name}'")
    end

    private

    # Part by part, to know where something is that cannot be stored.
    def stored(table)
      table.each_with_object({}) do |(key, value), kept|
        kept.merge!(Lockstep.stored({ key => value }, @shown, nil))
      end
    end

    def part(table, name)
      value = table[name]
      return {} if value.nil? || value == []
      return value if value.is_a?(Hash)

      raise Fault.new(@shown, nil, "'#{name}' is #{Lockstep.kind(value)}, not a table")
    end

    def fail_consumes
      raise Fault.new(@shown, nil, "'consumes' is not a list of tables with a name and a type")
    end
  end

  # What a properties file says, checked against what the job declares.
  class Given
    include Bosh::Common::Template::PropertyHelper

    PARTS = %w[properties links spec].freeze

    attr_reader :properties, :links, :spec, :faults

    def initialize(job, path, output)
      @job = job
      @shown = path.empty? ? 'the properties' : path
      @output = output
      @faults = []
      table = path.empty? ? {} : Lockstep.table(path, path)
      table.each_key do |key|
        next if PARTS.include?(key)

        add("has '#{key}' at its top level, where only properties, links and spec are read" \
          "#{Lockstep.nearest(key.to_s, PARTS)}")
      end
      given, links, spec = PARTS.map { |name| part(table, name) }
      @links = stored('links', links)
      @spec = stored('spec', spec)
      warn_of_others(given, [])
      @properties = bind(given)
      check_links
    end

    private

    def add(words)
      @faults << Fault.new(@shown, nil, words)
    end

    def part(table, name)
      value = table[name]
      return {} if value.nil?
      return value if value.is_a?(Hash)

      add("'#{name}' is #{Lockstep.kind(value)}, not a table")
      {}
    end

    # A director stores links as JSON; it describes the instance itself.
    def stored(place, table)
      Lockstep.stored(table, @shown, place)
    rescue Fault => e
      @faults << e
      {}
    end

    # BOSH passes on only what the job declares.
    def bind(given)
      bound = {}
      @job.properties.each do |name, definition|
        value = lookup(given, name)
        if value.nil?
          value = default(name, definition)
        else
          check(value, "the property '#{name}'")
        end
        set_property(bound, name, sort_property(value))
      rescue Fault => e
        @faults << e
      rescue StandardError => e
        @faults << Fault.new(@job.shown, nil, "the property '#{name}': #{e.message}")
      end
      bound
    end

    def default(name, definition)
      return definition['default'] unless definition.nil?

      raise Fault.new(@job.shown, nil,
                      "the property '#{name}' is empty, but a director expects a table there; " \
                      "write '#{name}: {}'")
    end

    # What a director refuses in a manifest although it is valid YAML.
    def check(value, place)
      what = Lockstep.unstorable(value, place)
      raise Fault.new(@shown, nil, what) if what

      check_keys(value, place, true)
    end

    # Tables are sorted, except those in lists.
    def check_keys(value, place, is_sorted)
      return unless value.is_a?(Hash) || value.is_a?(Array)

      check_own_keys(value.keys, place, is_sorted) if value.is_a?(Hash)
      Lockstep.each_place(value, place) do |inner, inner_place|
        check_keys(inner, inner_place, is_sorted && value.is_a?(Hash))
      end
    end

    def check_own_keys(keys, place, is_sorted)
      others = keys.reject { |key| key.is_a?(String) || key.is_a?(Symbol) }
      unless others.empty?
        raise Fault.new(@shown, nil,
                        "#{place} has the key #{others.first.inspect}, which is not a text; a director " \
                        'takes no other keys, so put it in quotes')
      end
      return unless is_sorted && keys.map(&:class).uniq.length > 1

      raise Fault.new(@shown, nil,
                      "#{place} has texts and symbols as keys, which a director cannot sort")
    end

    def lookup(given, name)
      name.to_s.split('.').reduce(given) do |value, key|
        unless value.is_a?(Hash)
          raise Fault.new(@shown, nil,
                          "the property '#{name}' is looked for in #{Lockstep.kind(value)}, " \
                          'where a table should be')
        end
        found = value[key]
        return nil if found.nil?

        found
      end
    end

    def warn_of_others(table, path)
      table.each do |key, value|
        name = [*path, key].join('.')
        next if @job.properties.key?(name)

        if @job.properties.each_key.any? { |other| other.to_s.start_with?("#{name}.") }
          warn_of_others(value, [*path, key]) if value.is_a?(Hash)
        else
          near = Lockstep.nearest(name, @job.properties.keys.map(&:to_s))
          @output.warning(@shown, "'#{name}' is not a property of #{@job.name} and reaches no " \
            "template#{near}")
        end
      end
    end

    def check_links
      consumed = @job.consumes.map { |link| link['name'] }
      (@links.keys - consumed).each do |name|
        @output.warning(@shown, "#{@job.name} consumes no link '#{name}'" \
          "#{Lockstep.nearest(name.to_s, consumed.compact)}")
      end
      @job.consumes.each { |link| check_link(link) }
    end

    def check_link(declared)
      name = declared['name']
      link = @links[name]
      if link.nil?
        return if declared['optional']

        add("does not give the link '#{name}' (of type '#{declared['type']}'), which " \
          "#{@job.name} needs; give links.#{name}")
      elsif !link.is_a?(Hash) || !instances?(link['instances'])
        add("links.#{name} has no list of instances; give an address for each, as in " \
          "'instances: [{address: 10.0.0.3}]'")
      end
    end

    def instances?(list)
      list.is_a?(Array) && list.all?(Hash)
    end
  end

  # The instance, as templates see it in spec.
  module Instance
    FROM_AGENT = %w[deployment job index name id az networks persistent_disk dns_domain_name].freeze

    def self.spec(given, apply_spec)
      spec = { 'name' => 'vm', 'index' => 0, 'az' => nil }
      spec.merge!(from_agent(apply_spec))
      spec.merge!(given)
      dynamic(spec['networks']) if spec['networks'].is_a?(Hash)
      spec['job'] = { 'name' => spec['name'] } unless spec['job']
      spec['bootstrap'] = spec['index'] == 0 unless spec.key?('bootstrap')
      spec['ip'] = ip(spec['networks']) if spec['networks'].is_a?(Hash) && !spec.key?('ip')
      spec['address'] = spec['ip'] if spec['ip'] && !spec.key?('address')
      spec
    end

    # As the agent reads its own file: upper and lower case are the same, the last one counts, and
    # null is nothing.
    def self.from_agent(apply_spec)
      apply_spec.each_with_object({}) do |(key, value), found|
        name = key.tr("A-Z\u017F\u212A", 'a-zsk')
        found[name] = value if FROM_AGENT.include?(name) && !value.nil?
      end
    end

    # A director does not know their addresses when it renders, and writes this.
    def self.dynamic(networks)
      networks.each_value do |network|
        next unless network.is_a?(Hash) && network['type'] == 'dynamic'

        %w[ip netmask gateway].each { |field| network[field] ||= '127.0.0.1' }
      end
    end

    # That of the network that is addressable by default, otherwise the gateway's, otherwise the only one.
    def self.ip(networks)
      tables = networks.values.grep(Hash)
      chosen = %w[addressable gateway].map do |role|
        tables.find { |network| Array(network['default']).include?(role) }
      end
      (chosen.compact.first || tables.first || {})['ip']
    end
  end
end
