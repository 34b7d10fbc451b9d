/// State that outlasts a planned stop of the server.
@NullMarked
package io.vfiouser.it.state;

import org.jspecify.annotations.NullMarked;
