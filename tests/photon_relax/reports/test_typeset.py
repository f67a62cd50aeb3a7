import pytest

from photon_relax.reports.typeset import typeset


@pytest.mark.parametrize(
    ("formula", "page"),
    [
        ("sin²(θ/2)", "sin²(θ/2)"),
        ("A e^{iθ/2} B", "A e<sup>iθ/2</sup> B"),
        ("1 − e^(−t/τ)", "1 − e<sup>−t/τ</sup>"),
        ("10^(−(X_in+X)/20)", "10<sup>−(X<sub>in</sub>+X)/20</sup>"),
        ("P_π, r_{12}, T_firstᵀ", "P<sub>π</sub>, r<sub>12</sub>, T<sub>first</sub>ᵀ"),
        ("N^0.8 x^−1", "N<sup>0.8</sup> x<sup>−1</sup>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("x^{<b>}", "x<sup>&lt;b&gt;</sup>"),
        # What is no mark, or has no end, stays.
        ("a_ b^ c^(d", "a_ b^ c^(d"),
        ("_", "_"),
        ("", ""),
    ],
)
def test_marks_become_raised_and_lowered_parts(formula, page):
    assert typeset(formula) == page
