package io.vfiouser.testsupport;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/// The package rules of ARCHITECTURE.md as checks; each module's `ArchitectureTest` calls them.
public final class PackageRules {
    private PackageRules() {}

    /// The production classes below `packageName` that are on the class path.
    public static JavaClasses classesOf(String packageName) {
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(packageName);
        if (classes.isEmpty()) {
            throw new AssertionError(
                    "package: " + packageName + " (expected: a package with classes)");
        }
        return classes;
    }

    /// Every package is its own slice, and no two slices need each other.
    public static void checkNoPackageCycles(JavaClasses classes) {
        slices().matching("io.vfiouser.(**)").should().beFreeOfCycles().check(classes);
    }

    /// Only the native door touches the linker and arenas.
    public static void checkNativeDoor(JavaClasses classes) {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.vfiouser.os")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Arena")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .allowEmptyShould(true)
                .check(classes);
    }

    /// None of `classes` uses a class of `forbiddenPackage` or below.
    public static void checkNoUseOf(String forbiddenPackage, JavaClasses classes) {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage(forbiddenPackage + "..")
                .check(classes);
    }
}
