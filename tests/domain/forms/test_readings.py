"""Readings of common surnames and given names, written down from the common dictionaries and not from the tables under test."""

from __future__ import annotations

import re

import pytest

from config.name_tables import NameTables, load_names
from kiosk.domain.names import romanise, split_at, split_name

SURNAMES = """
王WANG 李LI 张ZHANG 刘LIU 陈CHEN 杨YANG 赵ZHAO 吴WU 周ZHOU 徐XU 孙SUN 马MA 朱ZHU 胡HU 郭GUO 何HE 林LIN 高GAO 罗LUO 郑ZHENG
梁LIANG 谢XIE 宋SONG 唐TANG 许XU 韩HAN 邓DENG 冯FENG 曹CAO 彭PENG 曾ZENG 肖XIAO 田TIAN 董DONG 潘PAN 袁YUAN 蔡CAI 蒋JIANG 余YU
于YU 杜DU 叶YE 程CHENG 魏WEI 苏SU 吕LYU 丁DING 任REN 卢LU 姚YAO 沈SHEN 钟ZHONG 姜JIANG 崔CUI 谭TAN 陆LU 范FAN 汪WANG 廖LIAO
石SHI 金JIN 韦WEI 贾JIA 夏XIA 付FU 方FANG 邹ZOU 熊XIONG 白BAI 孟MENG 秦QIN 邱QIU 侯HOU 江JIANG 尹YIN 薛XUE 闫YAN 雷LEI 龙LONG
黎LI 史SHI 陶TAO 贺HE 毛MAO 段DUAN 郝HAO 顾GU 龚GONG 邵SHAO 武WU 钱QIAN 戴DAI 严YAN 莫MO 孔KONG 向XIANG 常CHANG 汤TANG 傅FU
康KANG 施SHI 牛NIU 洪HONG 樊FAN 温WEN 庄ZHUANG 鲍BAO 左ZUO 葛GE 章ZHANG 俞YU 岳YUE 齐QI 伍WU 庞PANG 颜YAN 倪NI 耿GENG 殷YIN
戚QI 翁WENG 柳LIU 童TONG 柯KE 华HUA 谷GU 祝ZHU 申SHEN 焦JIAO 项XIANG 裘QIU 屠TU 虞YU 应YING 毕BI 安AN 卞BIAN 柴CHAI 单SHAN
褚CHU 戎RONG 励LI 水SHUI 鲁LU 凌LING 裴PEI 阮RUAN 骆LUO 娄LOU 霍HUO 包BAO 费FEI 廉LIAN 岑CEN 滕TENG 郎LANG 卜BU 储CHU 成CHENG
茅MAO 邢XING 詹ZHAN 靳JIN 管GUAN 关GUAN 饶RAO 欧OU 连LIAN 鞠JU 阎YAN 兰LAN 宁NING 窦DOU 甘GAN 辛XIN 喻YU 尚SHANG 宗ZONG 游YOU
穆MU 涂TU 艾AI 冉RAN 麦MAI 路LU 柏BAI 宫GONG 车CHE 查ZHA 瞿QU 边BIAN 聂NIE 万WAN 苗MIAO 盛SHENG 闻WEN 梅MEI 阳YANG 湛ZHAN
佟TONG 解XIE 原YUAN 鹿LU 舒SHU 荆JING 芦LU 司SI 商SHANG 丛CONG 简JIAN 芮RUI 官GUAN 寇KOU 练LIAN 隋SUI 仇QIU 甄ZHEN 景JING
习XI 蔚YU 桂GUI 刁DIAO 仲ZHONG 区OU 蒙MENG 池CHI 党DANG 计JI 丰FENG 桑SANG 权QUAN 来LAI 楼LOU 幸XING 臧ZANG 宿SU 明MING 巫WU
仝TONG 蒲PU 靖JING 巩GONG 苑YUAN 封FENG 敖AO 栾LUAN 郁YU 慕MU 季JI 竺ZHU 伏FU 席XI 束SHU 卓ZHUO 蔺LIN 咸XIAN 籍JI 赖LAI 厉LI
姬JI 祖ZU 符FU 匡KUANG 阙QUE 殳SHU 沃WO 夔KUI 隆LONG 沙SHA 乜NIE 养YANG 须XU 巢CHAO 蒯KUAI 逯LU 盖GE 益YI 桓HUAN 晁CHAO 訾ZI
阚KAN 那NA 毋WU 郦LI 雍YONG 却QUE 璩QU 濮PU 扈HU 燕YAN 冀JI 郏JIA 浦PU 农NONG 别BIE 晏YAN 充CHONG 茹RU 宦HUAN 暨JI 衡HENG
都DU 弘HONG 蓬PENG 庾YU 终ZHONG 贲BEN 杭HANG 诸ZHU 钮NIU 嵇JI 滑HUA 羿YI 汲JI 邴BING 糜MI 牧MU 郗XI 班BAN 仰YANG 郜GAO 蓟JI
薄BO 印YIN 宰ZAI 郤XI 尧YAO 佘SHE 佴NAI 帅SHUAI 缑GOU 亢KANG 况KUANG 逄PANG 缪MIAO 冼XIAN 黑HE 召SHAO 秘BI 种CHONG 繁PO 折SHE
祭ZHAI 朴PIAO 员YUN 纪JI 洗XIAN 尉迟YUCHI 万俟MOQI 长孙ZHANGSUN 澹台TANTAI 令狐LINGHU 钟离ZHONGLI 宇文YUWEN 单于CHANYU
鲜于XIANYU 闾丘LYUQIU 亓官QIGUAN 司寇SIKOU 仉ZHANG 督DU 子车ZIJU 颛孙ZHUANSUN 端木DUANMU 巫马WUMA 公西GONGXI 漆雕QIDIAO
乐正YUEZHENG 壤驷RANGSI 公良GONGLIANG 拓跋TUOBA 夹谷JIAGU 宰父ZAIFU 谷梁GULIANG 段干DUANGAN 百里BAILI 东郭DONGGUO 南门NANMEN
呼延HUYAN 羊舌YANGSHE 微生WEISHENG 梁丘LIANGQIU 左丘ZUOQIU 东门DONGMEN 西门XIMEN 南宫NANGONG 第五DIWU 禚ZHUO 綦QI 蹇JIAN
撖HAN 妫GUI 覃QIN 谌CHEN 隗WEI 翟ZHAI 牟MU 乐YUE 哈HA 能NAI 过GUO 钭TOU 郄QIE 麻MA 芈MI 荤HUN 貊MO 昝ZAN 鄢YAN 揭JIE 揣CHUAI
补BU 冮GANG 佀SI 肇ZHAO 庹TUO 粟SU 禤XUAN 檀TAN 郇XUN 酆FENG 萧XIAO 陉XING 闵MIN 蔄MAN 亶DAN 郐KUAI 笪DA 谯QIAO 邰TAI 冒MAO
暴BAO 门MEN 宓MI 厍SHE 库KU 曲QU 尉WEI 占ZHAN 褟TA 呙GUO 鲜XIAN 腾TENG 展ZHAN 迟CHI 从CONG 初CHU 矫JIAO 邸DI 卿QING 虢GUO
藏ZANG 仵WU 苟GOU 敬JING 撒SA 轩XUAN 竹ZHU 植ZHI 敦DUN 甯NING 仡GE 相XIANG 降XIANG 重CHONG 长ZHANG 行XING 教JIAO 朝CHAO 句GOU
底DI 戢JI 洛LUO 缴JIAO 角JUE 厚HOU 枝ZHI 俎ZU
"""
GIVEN_NAMES = """
伟WEI 芳FANG 娜NA 敏MIN 静JING 丽LI 强QIANG 磊LEI 军JUN 洋YANG 勇YONG 艳YAN 杰JIE 娟JUAN 涛TAO 明MING 超CHAO 秀兰XIULAN 霞XIA
平PING 刚GANG 桂英GUIYING 重庆CHONGQING 重阳CHONGYANG 长江CHANGJIANG 乐LE 行XING 朝CHAO 朝晖ZHAOHUI 朝霞ZHAOXIA 国栋GUODONG
建国JIANGUO 婷TING 雪XUE 梓涵ZIHAN 子轩ZIXUAN 宇航YUHANG 一诺YINUO 浩然HAORAN 佳怡JIAYI 欣妍XINYAN 雨桐YUTONG 诗涵SHIHAN
梦琪MENGQI 思远SIYUAN 晟睿SHENGRUI 睿RUI 玥YUE 瑾JIN 翊YI 奕YI 煜YU 烨YE 晔YE 琪QI 瑶YAO 颖YING 颍YING 莹YING 萤YING 滢YING
翔XIANG 骁XIAO 骏JUN 骞QIAN 璇XUAN 璐LU 瑜YU 瑞RUI 珊SHAN 珂KE 玮WEI 琛CHEN 琳LIN 琦QI 琰YAN 璞PU 璋ZHANG 沐MU 沁QIN 泽ZE
洁JIE 涵HAN 润RUN 淼MIAO 渊YUAN 湘XIANG 溪XI 滨BIN 潇XIAO 澜LAN 瀚HAN 灏HAO 炜WEI 焱YAN 熙XI 燕YAN 熠YI 爽SHUANG 彤TONG 彬BIN
彦YAN 徽HUI 忻XIN 怡YI 恺KAI 悦YUE 惠HUI 慧HUI 懿YI 成CHENG 戈GE 拓TUO 捷JIE 斌BIN 斐FEI 旭XU 昊HAO 昕XIN 昱YU 晋JIN 晓XIAO
晗HAN 晨CHEN 景JING 智ZHI 曦XI 曼MAN 朗LANG 柔ROU 栋DONG 桐TONG 梅MEI 森SEN 楠NAN 楷KAI 榕RONG 樱YING 欢HUAN 歆XIN 毅YI 毓YU
永YONG 汐XI 沛PEI 沫MO 泓HONG 波BO 洪HONG 海HAI 淑SHU 清QING 渝YU 源YUAN 滔TAO 鹏PENG 鹤HE 麒QI 麟LIN 龙LONG 率SHUAI 单DAN
曾ZENG 仇QIU 解JIE 区QU 查ZHA 任REN 朴PU 石SHI 大DA 中ZHONG 少SHAO 好HAO 处CHU 会HUI 合HE 兴XING 相XIANG 都DU 倩QIAN 茜QIAN
莎SHA 莘SHEN 莞GUAN 菀WAN 蕃FAN 蔓MAN 薇WEI 馨XIN 萌MENG 萱XUAN 蓉RONG 蓓BEI 蕊RUI 蕙HUI 蕾LEI 藜LI 绿LYU 旅LYU 律LYU 吕LYU
侣LYU 履LYU 略LUE 虐NUE 女NYU 玉YU 誉YU 育YU 裕YU 遇YU 雨YU 羽YU 宇YU 钰YU 煦XU 栩XU 绪XU 胥XU 聚JU 菊JU 举JU 趣QU 曲QU 渠QU
媛YUAN 缘YUAN 圆YUAN 远YUAN 娴XIAN 嫣YAN 婕JIE 婉WAN 妤YU 妍YAN 姗SHAN 姝SHU 娅YA 娥E 奇QI 奎KUI 奥AO 威WEI 孜ZI 学XUE 宸CHEN
宽KUAN 宏HONG 宜YI 宛WAN 尧YAO 屹YI 岚LAN 峥ZHENG 峰FENG 峻JUN 崇CHONG 嵘RONG 巍WEI 川CHUAN 帆FAN 希XI 帅SHUAI 广GUANG 庆QING
康KANG 廷TING 弘HONG 弛CHI 彪BIAO 圳ZHEN 埔PU 堡BAO 塬YUAN 亘GEN 亚YA 仁REN 仔ZI 仪YI 伊YI 佑YOU 佩PEI 侠XIA 俊JUN 俐LI 信XIN
倪NI 倬ZHUO 偲SI 儒RU 允YUN 元YUAN 光GUANG 克KE 全QUAN 冉RAN 冰BING 凌LING 凯KAI 凡FAN 力LI 勋XUN 千QIAN 卉HUI 卓ZHUO 南NAN
博BO 卿QING 厚HOU 双SHUANG 发FA 叶YE 可KE 呈CHENG 和HE 咏YONG 哲ZHE 唯WEI 喆ZHE 嘉JIA 传CHUAN 长CHANG 干GAN 盛SHENG 降JIANG
藏CANG 参SHEN 乘CHENG 乾QIAN 奔BEN 便BIAN 扁BIAN 塞SAI 颉JIE 颀QI 祎YI 祺QI 禄LU 禹YU 秋QIU 秦QIN 穆MU 竣JUN 筠YUN 筱XIAO
箫XIAO 瑟SE 粲CAN 绮QI 维WEI 羲XI 翎LING 翘QIAO 聪CONG 胤YIN 臻ZHEN 航HANG 芊QIAN 芙FU 芝ZHI 芮RUI 芷ZHI 苒RAN 若RUO 茗MING
荃QUAN 荷HE 菡HAN 菁JING 菲FEI 葵KUI 衍YAN 裴PEI 褀QI 觅MI 言YAN 语YU 谦QIAN 贝BEI 贞ZHEN 赫HE 跃YUE 轶YI 辉HUI 辰CHEN 迅XUN
逸YI 道DAO 邦BANG 郁YU 采CAI 鑫XIN 钊ZHAO 钧JUN 铎DUO 铭MING 铮ZHENG 锋FENG 锐RUI 锦JIN 镇ZHEN 闯CHUANG 闻WEN 阔KUO 雅YA
雯WEN 霁JI 霄XIAO 霆TING 霖LIN 靖JING 韬TAO 韵YUN 顺SHUN 顿DUN 飞FEI 飒SA 骅HUA 骋CHENG 魁KUI 扎西ZHAXI 卓玛ZHUOMA 一YI 玓DI
珏JUE 珵CHENG 珺JUN 琬WAN 瑗YUAN 璟JING 甫FU 皓HAO 皎JIAO 盈YING 砚YAN 硕SHUO 炫XUAN 烁SHUO 焘TAO 焕HUAN 煊XUAN 尹YIN 屏PING
柏BAI 桧GUI 晖HUI 晏YAN 暄XUAN 校XIAO 尉WEI 澄CHENG 泊BO 泌MI 洗XI 浚JUN 涌YONG 莉LI 荞QIAO 荧YING 佘SHE 佛FO 侗DONG 哈HA
娜娜NANA 露LU 露露LULU 伽JIA 迦JIA 茄QIE 珈JIA 柯KE 觉JUE 角JIAO 落LUO 络LUO 乐乐LELE 洛LUO 色SE 熟SHU 削XUE 薄BO 核HE 识SHI
宿SU 缩SUO 冠GUAN 观GUAN 纶LUN 论LUN 沈SHEN 晃HUANG 凉LIANG 量LIANG 亮LIANG 靓LIANG 倩倩QIANQIAN 俊杰JUNJIE 浩宇HAOYU
梓萱ZIXUAN 紫萱ZIXUAN 可馨KEXIN 欣怡XINYI 语嫣YUYAN 弘毅HONGYI 承恩CHENGEN 西安XIAN 长乐CHANGLE 长生CHANGSHENG 长青CHANGQING
长征CHANGZHENG 长林CHANGLIN 永长YONGCHANG 重九CHONGJIU 重生CHONGSHENG 兴旺XINGWANG 兴华XINGHUA 行健XINGJIAN 行知XINGZHI
乐天LETIAN 知乐ZHILE 更生GENGSHENG 中华ZHONGHUA 音乐YINYUE 为民WEIMIN 曙光SHUGUANG 济南JINAN 还珠HUANZHU 了凡LIAOFAN
夏雨XIAYU 大为DAWEI 单单DANDAN 解放JIEFANG 少华SHAOHUA 曲直QUZHI 思量SILIANG 应龙YINGLONG 正月ZHENGYUE 正明ZHENGMING
将军JIANGJUN 强强QIANGQIANG 相如XIANGRU 冠军GUANJUN 冠中GUANZHONG 载ZAI 厚载HOUZAI 令LING 丁DING 丹DAN
"""
CANNOT_BE_KNOWN = """
朝阳 CHAO ZHAO
朝辉 CHAO ZHAO
朝晖 CHAO ZHAO
劲松 JIN JING
大为 DA DAI
调元 DIAO TIAO
省吾 SHENG XING
长生 CHANG ZHANG
行健 XING HANG
重生 CHONG ZHONG
乐天 LE YUE
"""
"""Given names of which only the holder knows the reading: both must be offered for the first character."""


@pytest.fixture(scope="module")
def names() -> NameTables:
    return load_names()


def told(text: str) -> list[tuple[str, str]]:
    return [(m[1], m[2]) for m in re.finditer(r"([^A-Z\s]+)([A-Z]+)", text)]


def test_surnames(names: NameTables) -> None:
    wrong = []
    for surname, letters in told(SURNAMES):
        found = romanise(split_at(f"{surname}小明", len(surname)), names)
        if (found.text_surname, found.text_given) != (letters, "XIAOMING"):
            wrong.append((surname, letters, found.text_surname))
    assert len(told(SURNAMES)) > 300
    assert not wrong


def test_compound_surnames_divide(names: NameTables) -> None:
    compound = [surname for surname, _ in told(SURNAMES) if len(surname) > 1]
    assert len(compound) > 30
    assert not [surname for surname in compound if split_name(f"{surname}小明", names).surname != surname]


def test_given_names(names: NameTables) -> None:
    wrong = []
    for given, letters in told(GIVEN_NAMES):
        found = romanise(split_at(f"王{given}", 1), names)
        if found.text_given != letters:
            wrong.append((given, letters, found.text_given))
    assert len(told(GIVEN_NAMES)) > 500
    assert not wrong


@pytest.mark.parametrize("line", CANNOT_BE_KNOWN.split("\n")[1:-1])
def test_what_cannot_be_known_is_offered(names: NameTables, line: str) -> None:
    given, *readings = line.split()
    found = romanise(split_at(f"王{given}", 1), names)
    offered = next(position.options for position in found.ambiguous if position.part == "given" and position.index == 0)
    assert set(readings) <= set(offered)
