# What a template sees: properties, links, the instance.
module Bosh
  module Common
    module Template
      EvaluationFailed = Class.new(StandardError)
      InvalidPropertyType = Class.new(StandardError)

      class UnknownProperty < StandardError
        attr_reader :name, :link

        def initialize(names, link = nil)
          @name = names
          @link = link
          words = "no property #{[*names].map { |name| "'#{name}'" }.join(' or ')}"
          super(link ? "#{words} of the link '#{link}'" : words)
        end
      end

      class UnknownLink < StandardError
        attr_reader :name

        def initialize(name)
          @name = name
          super("no link '#{name}'")
        end
      end

      # Something that every instance in BOSH has, and nobody said of this one.
      class UnknownSpec < StandardError
        attr_reader :name

        def initialize(name)
          @name = name
          super("nobody says what spec.#{name} is")
        end
      end

      # Values under dotted names.
      module PropertyHelper
        def lookup_property(values, name)
          name.split('.').reduce(values) { |value, key| value.nil? ? (return nil) : value[key] }
        end

        private

        def first_property(values, names, rest)
          names = Array(names)
          names.each do |name|
            value = lookup_property(values, name)
            return value unless value.nil?
          end
          return rest.first if rest.length == 1

          raise UnknownProperty.new(names, link_name)
        end

        # Calls the block with all of the values; false is a value, nil is none.
        def when_set(values, names)
          found = names.map { |name| lookup_property(values, name) }
          return EvaluationContext::ActiveElseBlock.new(self) if found.any?(&:nil?)

          yield(*found)
          EvaluationContext::InactiveElseBlock.new
        end
      end

      # Properties by p and if_p.
      module Properties
        include PropertyHelper

        def p(names, *rest)
          first_property(property_values, names, rest)
        end

        def if_p(*names, &block)
          when_set(property_values, names, &block)
        end

        private

        # Whose properties they are, where they are a link's.
        def link_name
          nil
        end
      end

      class EvaluationLinkInstance
        include Properties
        attr_reader :name, :index, :id, :az, :address, :properties, :bootstrap

        def initialize(values, link)
          @link_name = link
          @name, @index, @id, @az, @address, @properties, @bootstrap =
            values.values_at('name', 'index', 'id', 'az', 'address', 'properties', 'bootstrap')
        end

        private

        attr_reader :link_name

        def property_values
          @properties
        end
      end

      class EvaluationLink
        include Properties
        attr_reader :instances, :properties

        def initialize(name, spec)
          @name = name
          @properties = spec['properties']
          @has_address = spec.key?('address')
          @address = spec['address']
          @instances = spec['instances'].map { |instance| EvaluationLinkInstance.new(instance, name) }
        end

        def address(_criteria = {})
          raise UnknownLink, "#{@name}.address" unless @has_address

          @address
        end

        private

        def link_name
          @name
        end

        def property_values
          @properties
        end
      end

      # What a template sees.
      class EvaluationContext
        include Properties
        attr_reader :name, :index, :raw_properties

        def initialize(spec)
          @name = spec['name']
          @index = spec['index']
          @raw_properties = spec['properties'] || {}
          @links = spec['links'] || {}
          @whole = spec
        end

        def get_binding
          binding
        end

        def properties
          @properties ||= openstruct(@raw_properties)
        end

        def spec
          @spec ||= openstruct(@whole, BackCompatOpenStruct, SpecOpenStruct)
        end

        def link(name)
          link_named(name) || raise(UnknownLink, name)
        end

        def if_link(name)
          link = link_named(name)
          return ActiveElseBlock.new(self) if link.nil?

          yield link
          InactiveElseBlock.new
        end

        private

        def property_values
          @raw_properties
        end

        def link_named(name)
          spec = lookup_property(@links, name)
          EvaluationLink.new(name, spec) if spec.respond_to?(:key?) && spec.key?('instances')
        end

        def openstruct(value, kind = OpenStruct, outermost = kind)
          case value
          when Hash
            # A key such as 8080 or on is no text in YAML.
            outermost.new(value.to_h { |key, inner| [key.to_s, openstruct(inner, kind)] })
          when Array then value.map { |inner| openstruct(inner, kind) }
          else value
          end
        end

        # methods(false) gives the keys, which is how templates find the names of networks.
        class BackCompatOpenStruct < OpenStruct
          def methods(all = true)
            all ? super : to_h.keys
          end
        end

        class SpecOpenStruct < BackCompatOpenStruct
          ALWAYS = %i[address deployment id ip networks].freeze

          def method_missing(name, *arguments)
            raise UnknownSpec, name if arguments.empty? && ALWAYS.include?(name)

            super
          end

          def respond_to_missing?(name, all = false)
            super
          end
        end

        # Behind an if_p or if_link whose block was not called.
        class ActiveElseBlock
          def initialize(context)
            @context = context
          end

          def else
            yield
          end

          def else_if_p(*names, &block)
            @context.if_p(*names, &block)
          end

          def else_if_link(name, &block)
            @context.if_link(name, &block)
          end
        end

        # Behind one whose block was called.
        class InactiveElseBlock
          def else; end

          def else_if_p(*_names)
            self
          end

          def else_if_link(_name)
            self
          end
        end
      end
    end
  end

  # As older templates call it.
  Template = Common::Template
end
