"""The sample courts, people and cases of the demonstration, as rows. Every name, place and number is invented.

Rule: rows only; `hearing.seed` enters them. The dates fit the statutory limits, the numbers the Vietnamese pattern.
"""

from dataclasses import dataclass

from hearing.proceedings.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleCourt:
    key: str
    name: str
    province: str
    courtrooms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplePerson:
    """`courts` are those in which the person holds the role `office`."""

    key: str
    name: str
    title: str = ""
    document: str = ""
    language: str = "vi"
    office: Role | None = None
    courts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplePart:
    """`person` takes part as `role`; `accompanies` is the person represented or assisted."""

    person: str
    role: Role
    accompanies: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleCase:
    key: str
    court: str
    kind: str
    title: str
    accepted_on: str
    number: str
    decision: str
    parts: tuple[SamplePart, ...]
    closed: bool = False


BOTH = ("kv3sl", "kv1tk")

COURTS = (
    SampleCourt(
        key="kv3sl",
        name="Tòa án nhân dân khu vực 3 - Sông Lam",
        province="tỉnh Sông Lam",
        courtrooms=("Phòng xử án số 1", "Phòng xử án số 2"),
    ),
    SampleCourt(
        key="kv1tk",
        name="Tòa án nhân dân khu vực 1 - Trà Khúc",
        province="tỉnh Trà Khúc",
        courtrooms=("Phòng xử án A", "Phòng xử án B"),
    ),
)

JUDGE, ASSESSOR = Role.PRESIDING_JUDGE, Role.ASSESSOR

STAFF = (
    SamplePerson(key="tp1", name="Lương Thị Hải Vân", title="Thẩm phán", office=JUDGE, courts=("kv3sl",)),
    SamplePerson(key="tp2", name="Đặng Quốc Khải", title="Thẩm phán", office=JUDGE, courts=("kv1tk",)),
    SamplePerson(key="ht1", name="Phùng Văn Lâm", title="Hội thẩm nhân dân", office=ASSESSOR, courts=BOTH),
    SamplePerson(key="ht2", name="Tạ Thị Mộc Miên", title="Hội thẩm nhân dân", office=ASSESSOR, courts=BOTH),
    SamplePerson(key="ht3", name="Cao Xuân Trác", title="Hội thẩm nhân dân, giáo viên", office=ASSESSOR, courts=BOTH),
    SamplePerson(key="tk1", name="Hồ Ngọc Diệp", title="Thư ký Tòa án", office=Role.CLERK, courts=("kv3sl",)),
    SamplePerson(key="tk2", name="Vi Thanh Sơn", title="Thư ký Tòa án", office=Role.CLERK, courts=("kv1tk",)),
    SamplePerson(key="ks1", name="Mạc Đình Tuyên", title="Kiểm sát viên", office=Role.PROCURATOR, courts=BOTH),
    SamplePerson(key="ca1", name="Đoàn Minh Quế", title="Chánh án", office=Role.COURT_CHIEF, courts=("kv3sl",)),
    SamplePerson(key="ca2", name="Hà Thị Bích Liễu", title="Chánh án", office=Role.COURT_CHIEF, courts=("kv1tk",)),
    SamplePerson(key="vt1", name="Lâm Thị Sương", title="Văn thư", office=Role.ADMIN_CLERK, courts=("kv3sl",)),
    SamplePerson(key="vt2", name="Quách Văn Thiện", title="Văn thư", office=Role.ADMIN_CLERK, courts=("kv1tk",)),
    SamplePerson(key="kt1", name="Ninh Công Tráng", title="Cán bộ kỹ thuật", office=Role.TECH_SUPPORT, courts=BOTH),
)

PEOPLE = (
    SamplePerson(key="a_defendant", name="Trần Văn Tạo", document="000096000001"),
    SamplePerson(key="a_victim", name="Nguyễn Thị Cẩm Hà", document="000188000002"),
    SamplePerson(key="a_counsel", name="Bạch Thu Thủy", title="Luật sư", document="000180000012"),
    SamplePerson(key="a_officer", name="Lã Minh Khôi", title="Đại úy", document="000085000013"),
    SamplePerson(key="a_witness", name="Phan Quốc Bảo", document="000090000014"),
    SamplePerson(key="b_plaintiff", name="Đỗ Thị Lan Chi", document="000179000003"),
    SamplePerson(key="b_respondent", name="Kiều Mạnh Hùng", document="000084000004"),
    SamplePerson(key="b_related", name="Vũ Thị Nhã Uyên", document="000189000005"),
    SamplePerson(key="b_protector", name="Triệu Gia Hân", title="Luật sư", document="000187000015"),
    SamplePerson(key="b_witness", name="Trịnh Mai Lý", document="000192000016"),
    SamplePerson(key="c_plaintiff", name="Ngô Bích Trâm", document="000191000006"),
    SamplePerson(key="c_respondent", name="Lục Văn Đại", document="000089000007"),
    SamplePerson(
        key="d_plaintiff", name="Tống Duy Phúc", title="Giám đốc Công ty TNHH Gỗ Mây Xanh", document="000077000017"
    ),
    SamplePerson(
        key="d_respondent",
        name="Lại Minh Nguyệt",
        title="đại diện Công ty CP Nội thất Hừng Đông",
        document="000182000018",
    ),
    SamplePerson(
        key="d_related", name="Erin Calloway", title="Orchard Lane Trading Ltd", document="X0000019", language="en"
    ),
    SamplePerson(
        key="d_interpreter", name="Thi Quỳnh Như", title="Người phiên dịch Việt - Anh", document="000186000020"
    ),
    SamplePerson(key="e_claimant", name="Hoàng Bá Nghĩa", document="000062000008"),
    SamplePerson(
        key="e_respondent",
        name="Thân Đức Lợi",
        title="Phó Chủ tịch Ủy ban nhân dân xã Bình Nguyên",
        document="000075000021",
    ),
)


def bench(judge: str, first: str, second: str, clerk: str, *, procurator: bool = False) -> tuple[SamplePart, ...]:
    conducting = (
        SamplePart(person=judge, role=JUDGE),
        SamplePart(person=first, role=ASSESSOR),
        SamplePart(person=second, role=ASSESSOR),
        SamplePart(person=clerk, role=Role.CLERK),
    )
    return (*conducting, SamplePart(person="ks1", role=Role.PROCURATOR)) if procurator else conducting


CASES = (
    SampleCase(
        key="A",
        court="kv3sl",
        kind="criminal",
        title="Trần Văn Tạo - Trộm cắp tài sản",
        accepted_on="2026-05-04",
        number="21/2026/TLST-HS",
        decision="23/2026/QĐXXST-HS",
        parts=(
            *bench("tp1", "ht1", "ht2", "tk1", procurator=True),
            SamplePart(person="a_defendant", role=Role.DEFENDANT),
            SamplePart(person="a_counsel", role=Role.DEFENCE_COUNSEL, accompanies="a_defendant"),
            SamplePart(person="a_victim", role=Role.VICTIM),
            SamplePart(person="a_witness", role=Role.WITNESS),
            SamplePart(person="a_officer", role=Role.DETENTION_OFFICER),
        ),
    ),
    SampleCase(
        key="B",
        court="kv3sl",
        kind="civil",
        title="Đỗ Thị Lan Chi - Kiều Mạnh Hùng: Tranh chấp hợp đồng vay tài sản",
        accepted_on="2026-02-10",
        number="34/2026/TLST-DS",
        decision="51/2026/QĐXXST-DS",
        parts=(
            *bench("tp1", "ht1", "ht3", "tk1"),
            SamplePart(person="b_plaintiff", role=Role.PLAINTIFF),
            SamplePart(person="b_protector", role=Role.RIGHTS_PROTECTOR, accompanies="b_plaintiff"),
            SamplePart(person="b_respondent", role=Role.RESPONDENT),
            SamplePart(person="b_related", role=Role.RELATED_PERSON),
            SamplePart(person="b_witness", role=Role.WITNESS),
        ),
    ),
    SampleCase(
        key="C",
        court="kv1tk",
        kind="family",
        title="Ngô Bích Trâm - Lục Văn Đại: Ly hôn, tranh chấp nuôi con",
        accepted_on="2026-03-05",
        number="67/2026/TLST-HNGĐ",
        decision="88/2026/QĐXXST-HNGĐ",
        closed=True,
        parts=(
            *bench("tp2", "ht2", "ht3", "tk2"),
            SamplePart(person="c_plaintiff", role=Role.PLAINTIFF),
            SamplePart(person="c_respondent", role=Role.RESPONDENT),
        ),
    ),
    SampleCase(
        key="D",
        court="kv1tk",
        kind="commercial",
        title="Công ty TNHH Gỗ Mây Xanh - Công ty CP Nội thất Hừng Đông: Tranh chấp hợp đồng mua bán hàng hóa",
        accepted_on="2026-03-02",
        number="09/2026/TLST-KDTM",
        decision="14/2026/QĐXXST-KDTM",
        parts=(
            *bench("tp2", "ht1", "ht3", "tk2"),
            SamplePart(person="d_plaintiff", role=Role.PLAINTIFF),
            SamplePart(person="d_respondent", role=Role.RESPONDENT),
            SamplePart(person="d_related", role=Role.RELATED_PERSON),
            SamplePart(person="d_interpreter", role=Role.INTERPRETER, accompanies="d_related"),
        ),
    ),
    SampleCase(
        key="E",
        court="kv3sl",
        kind="administrative",
        title="Hoàng Bá Nghĩa - Khiếu kiện quyết định hành chính về thu hồi đất",
        accepted_on="2026-01-12",
        number="05/2026/TLST-HC",
        decision="07/2026/QĐXXST-HC",
        parts=(
            *bench("tp1", "ht2", "ht3", "tk1", procurator=True),
            SamplePart(person="e_claimant", role=Role.CLAIMANT_ADMIN),
            SamplePart(person="e_respondent", role=Role.RESPONDENT_ADMIN),
        ),
    ),
)
