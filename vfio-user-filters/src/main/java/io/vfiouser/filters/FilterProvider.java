package io.vfiouser.filters;

import java.util.List;

/// Makes filters by name; found with [java.util.ServiceLoader].
///
/// A provider module declares `provides FilterProvider with ...` in its `module-info` and, for
/// users on the class path, names the class in `META-INF/services` too.
public interface FilterProvider {
    /// The kinds of filters that it has.
    List<FilterType<?>> types();
}
